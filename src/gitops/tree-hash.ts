import { createHash } from 'node:crypto';
import { OperatorError } from '../base/errors.js';
import type { TreeEntry } from '../ports/source-control.js';

interface TreeNode {
  readonly children: Map<string, TreeNode | TreeEntry>;
}

/** Id of the tree without entries. */
export const EMPTY_TREE_OID = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

const isNode = (value: TreeNode | TreeEntry): value is TreeNode => 'children' in value;
const conflict = (path: string, why: string): OperatorError =>
  new OperatorError('GIT_TREE_INVALID', 'bug', `no git tree can hold ${JSON.stringify(path)}: ${why}`);

function insert(root: TreeNode, path: string, entry: TreeEntry): void {
  const segments = path.split('/');
  const name = segments.pop() ?? '';
  let node = root;
  for (const segment of [...segments, name]) {
    if (segment === '' || segment === '.' || segment === '..') throw conflict(path, 'an empty, . or .. segment');
  }
  for (const segment of segments) {
    const child = node.children.get(segment) ?? { children: new Map<string, TreeNode | TreeEntry>() };
    if (!isNode(child)) throw conflict(path, `${segment} is a file there`);
    node.children.set(segment, child);
    node = child;
  }
  if (node.children.has(name)) throw conflict(path, 'it is a directory there');
  if (!/^[0-9a-f]{40}$/.test(entry.oid)) throw conflict(path, `${JSON.stringify(entry.oid)} is no SHA-1 id`);
  node.children.set(name, entry);
}

function oidOf(node: TreeNode): string {
  const lines = [...node.children].map(([name, child]) => {
    const directory = isNode(child);
    return {
      // git orders by bytes, a directory as if its name ended in a slash.
      key: Buffer.from(directory ? `${name}/` : name),
      head: Buffer.from(`${directory ? '40000' : child.mode} ${name}\0`),
      oid: Buffer.from(directory ? oidOf(child) : child.oid, 'hex'),
    };
  });
  lines.sort((a, b) => Buffer.compare(a.key, b.key));
  const body = Buffer.concat(lines.flatMap((line) => [line.head, line.oid]));
  return createHash('sha1').update(`tree ${body.length}\0`).update(body).digest('hex');
}

/**
 * The id git gives to the tree of these files (SHA-1 object format, as GitHub uses it): what a commit's tree will be,
 * known before anything is written.
 * @throws OperatorError GIT_TREE_INVALID (bug) when no tree can hold them: a file that is also a directory, a bad name.
 */
export function treeOid(files: ReadonlyMap<string, TreeEntry>): string {
  const root: TreeNode = { children: new Map() };
  for (const [path, entry] of files) insert(root, path, entry);
  return oidOf(root);
}
