import { variableOf } from './key-tree.js';

/** A secret that may come from the environment; in the file only its `*File` form is allowed, which wins. */
export interface SecretKey {
  readonly section: 'argocd' | 'github' | 'prometheus';
  readonly key: 'token' | 'privateKey';
  readonly variable: string;
}
const secretKey = (section: SecretKey['section'], key: SecretKey['key']): SecretKey => ({
  section,
  key,
  variable: variableOf([section, key]),
});
export const SECRET_KEYS: readonly SecretKey[] = [
  secretKey('argocd', 'token'),
  secretKey('github', 'token'),
  secretKey('github', 'privateKey'),
  secretKey('prometheus', 'token'),
];
