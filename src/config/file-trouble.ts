const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'cannot be read: no such file',
  EACCES: 'cannot be read: this user may not read it',
  EPERM: 'cannot be read: this user may not read it',
  EISDIR: 'cannot be read: it is a folder',
  ENOTDIR: 'cannot be read: a part of its path is no folder',
  ELOOP: 'cannot be read: its links go in a circle',
  ENAMETOOLONG: 'cannot be read: its name is too long',
};

/** Why a file cannot be read, for a sentence that begins with its name. */
export function fileTrouble(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error';
  return WORDS[code] ?? `cannot be read: ${code}`;
}
