export const REDACTED = '[redacted]';

const SECRET_KEY =
  /(?:token|secret|password|passwd|passphrase|credential|authorization|cookie|private[-_]?key|api[-_]?key|access[-_]?key)s?$/i;
/** Keys whose values are never shown, whatever they hold. Names of files with secrets (`tokenFile`) are no secrets. */
export const isSecretKey = (key: string): boolean => SECRET_KEY.test(key);

/** What secrets look like, each with what remains of a match. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g, REDACTED],
  // GitHub: classic tokens, fine-grained ones, and installation tokens, which hold a JWT and are as long as they like.
  [/(?<![A-Za-z0-9])gh[a-z]_[A-Za-z0-9_.-]{10,}/g, REDACTED],
  [/(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{10,}/g, REDACTED],
  [/(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g, REDACTED],
  // A word after `Bearer` that could be prose ("basic authentication") stays.
  [
    /\b([Bb]earer|BEARER|[Bb]asic|BASIC|[Tt]oken)(?:\s+|%20)(?=\S*\d|\S*[a-z][A-Z]|\S{20})[A-Za-z0-9+/_=.~-]{8,}/g,
    `$1 ${REDACTED}`,
  ],
  [/\b([A-Za-z][A-Za-z0-9+.-]{1,15}:\/\/)[^\s/@:]{0,256}:[^\s/@]{1,1024}@/g, `$1${REDACTED}@`],
  [/\b([A-Za-z][A-Za-z0-9+.-]{1,15}:\/\/)[^\s/@:]{16,256}@/g, `$1${REDACTED}@`],
  [/\b(https:\/\/hooks\.slack\.com\/)[^\s"'<>]+/g, `$1${REDACTED}`],
  [/(?<![A-Za-z0-9])(?:xox[a-z]-|glpat-)[A-Za-z0-9-]{10,}/g, REDACTED],
  [/(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}(?![A-Za-z0-9])/g, REDACTED],
  [/((?:token|secret|password|private[-_]?key|api[-_]?key)=)[^\s&#"']{4,}/gi, `$1${REDACTED}`],
  [
    /((?:token|secret|password|private[-_]?key|api[-_]?key)"?:\s*"?)(?=[^\s"',;]*\d)[^\s"',;[\]]{8,}/gi,
    `$1${REDACTED}`,
  ],
];

/** A text without anything that looks like a secret. */
export function redactText(text: string): string {
  let out = text;
  for (const [shape, rest] of SHAPES) out = out.replaceAll(shape, rest);
  return out;
}
