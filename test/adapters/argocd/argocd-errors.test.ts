import { expect } from 'chai';
import { failureOf } from '../../support/failure.js';
import type { Answer } from '../../support/local-http.js';
import { application, gatewayError, startArgoCd, type ArgoCdFixture } from './argocd-fixture.js';

describe('what goes wrong with Argo CD', () => {
  let fixture: ArgoCdFixture;
  beforeEach(async () => {
    fixture = await startArgoCd();
  });
  afterEach(() => fixture.close());

  const get = (project?: string): Promise<unknown> =>
    fixture.argocd.getApplicationHealth('argocd/shop', project, fixture.signal);
  const answered = async (answer: Answer, project?: string): Promise<string> => {
    fixture.server.answer = () => answer;
    return failureOf(get(project));
  };

  it('a refusal is denied, never "not found"', async () => {
    expect(await answered(gatewayError(403, 7, 'permission denied'))).to.equal('ARGOCD_DENIED denied');
    expect(await answered(gatewayError(401, 16, 'invalid session: token is expired'))).to.equal(
      'ARGOCD_UNAUTHENTICATED denied',
    );
  });
  it('a denied call is not repeated', async () => {
    await answered(gatewayError(401, 16, 'no session information'));
    expect(fixture.server.requests).to.have.length(1);
  });
  it('"not found" is terminal when Argo CD itself says so', async () => {
    expect(await answered(gatewayError(404, 5, 'applications.argoproj.io "shop" not found'), 'staging')).to.equal(
      'ARGOCD_NOT_FOUND terminal',
    );
  });
  it('a 404 of anybody else is a wrong address, not a missing application', async () => {
    expect(await answered({ status: 404, text: 'Not Found' }, 'staging')).to.equal('ARGOCD_NOT_JSON config');
    expect(await answered({ status: 404, text: '<html>nginx</html>', type: 'text/html' })).to.equal(
      'ARGOCD_NOT_JSON config',
    );
  });
  it('a page of HTML is not Argo CD', async () => {
    expect(await answered({ text: '<html></html>', type: 'text/html' })).to.equal('ARGOCD_NOT_JSON config');
  });
  it('a redirect is not followed', async () => {
    expect(await answered({ status: 307, text: '', headers: { location: 'https://elsewhere.example/' } })).to.equal(
      'ARGOCD_MOVED config',
    );
  });
  it('an answer without what is needed is terminal', async () => {
    expect(await answered({ json: { metadata: { name: 'shop' } } })).to.equal('ARGOCD_MALFORMED terminal');
  });
  it('an answer larger than 8 MiB is refused', async () => {
    expect(
      await answered({ json: application({}, {}, { annotations: { big: 'x'.repeat(9 * 1024 * 1024) } }) }),
    ).to.equal('ARGOCD_TOO_LARGE terminal');
  });
  it('silence is transient and is asked again', async () => {
    const impatient = await startArgoCd({ timeoutMs: 50 });
    impatient.server.answer = () => 'hang';
    expect(await failureOf(impatient.argocd.getApplicationHealth('argocd/shop', undefined, impatient.signal))).to.equal(
      'ARGOCD_UNREACHABLE transient',
    );
    expect(impatient.server.requests).to.have.length(3);
    await impatient.close();
  });
  it('a server that recovers in time is no failure', async () => {
    fixture.server.answer = () =>
      fixture.server.requests.length < 3 ? gatewayError(503, 14, 'unavailable') : { json: application() };
    expect(await failureOf(get())).to.equal('nothing was thrown');
  });
  it('a call that was aborted is cancelled', async () => {
    fixture.server.answer = () => 'hang';
    const abort = new AbortController();
    const failed = failureOf(fixture.argocd.listFleet(abort.signal));
    setTimeout(() => {
      abort.abort();
    }, 20);
    expect(await failed).to.equal('CANCELLED cancelled');
  });
  it('no error shows the token', async () => {
    fixture.server.answer = () => gatewayError(403, 7, 'permission denied');
    const message = await get().catch((error: unknown) => String(error));
    expect(message).to.include('GET api/v1/applications/shop').and.not.include('t.o.k');
  });
});
