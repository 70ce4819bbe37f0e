import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Mocha from 'mocha';

// Mocha would `require` the files, and the planted bug lives in the hooks of `import`: so they are imported here.
const mocha = new Mocha({ timeout: 60_000, reporter: 'dot' });
mocha.suite.emit('pre-require', globalThis, '', mocha);
for (const file of process.argv.slice(2)) await import(pathToFileURL(resolve(file)).href);
mocha.run((failures) => process.exit(failures > 0 ? 1 : 0));
