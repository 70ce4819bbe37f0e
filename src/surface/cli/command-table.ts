import type { Command, CommandContext } from './command.js';
import {
  abort,
  describeAttempt,
  explain,
  getApps,
  getAttempts,
  kill,
  pause,
  quarantineLift,
  quarantineList,
  resume,
  retry,
} from './daemon-commands.js';
import type { AuditOptions, RunOptions } from './command-handlers.js';
import { completionScript, SHELLS } from './completion.js';
import { EXIT } from './exit-code.js';
import type { OptionName } from './options.js';

const DAEMON: readonly OptionName[] = ['server', 'token-file', 'config', 'output'];
const AUDIT: readonly OptionName[] = ['config', 'directory', 'output'];
const withConfig = ({ options, output }: CommandContext): { config: string; output: CommandContext['output'] } => ({
  config: options.config ?? '',
  output,
});
const auditOptions = ({ options: { config, directory }, output }: CommandContext): AuditOptions => ({
  output,
  ...(config === undefined ? {} : { config }),
  ...(directory === undefined ? {} : { directory }),
});
const runOptions = ({ options, output }: CommandContext): RunOptions => ({
  ...(options.config === undefined ? {} : { config: options.config }),
  ...(options['dry-run'] === true ? { dryRun: true } : {}),
  ...(options.once === true ? { once: output } : {}),
});
const ofAttempt = ({ options: { attempt } }: CommandContext): { attempt?: string } =>
  attempt === undefined ? {} : { attempt };

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    arguments: [],
    options: ['config', 'dry-run', 'once', 'output'],
    summary: 'run the operator (what happens without a command)',
    help: 'Runs until SIGTERM or SIGINT; SIGHUP reads the configuration and the tokens again. Logs go to stderr. With --once it looks once and ends; --output is for that.',
    examples: [
      'ai-operator --config prod.yaml',
      'ai-operator run --config prod.yaml --dry-run',
      'ai-operator run --config prod.yaml --once -o json',
    ],
    run: (c) => c.handlers.run(runOptions(c), c.io),
  },
  {
    name: 'get apps',
    arguments: [],
    options: DAEMON,
    summary: 'all applications: environment, mode, health, and whether a rollback would start',
    help: 'ROLLBACK says why an attempt would or would not start now; `explain` says more.',
    examples: ['ai-operator get apps', 'ai-operator get apps -o json | jq \'.[] | select(.health=="Degraded")\''],
    run: getApps,
  },
  {
    name: 'get attempts',
    arguments: [],
    options: DAEMON,
    summary: 'rollback attempts, open ones first, then those of the last 7 days',
    help: 'DEADLINE is when the present step gives up. `describe attempt` shows all about one.',
    examples: ['ai-operator get attempts'],
    run: getAttempts,
  },
  {
    name: 'describe attempt',
    arguments: ['ID'],
    options: DAEMON,
    summary: 'all about one attempt: evidence, candidates, rules, what happens next',
    help: 'ID is the id, its first digits, or the application (then its newest attempt).',
    examples: ['ai-operator describe attempt 3f2a', 'ai-operator describe attempt argocd/checkout'],
    run: describeAttempt,
  },
  {
    name: 'explain',
    arguments: ['APP'],
    options: DAEMON,
    summary: 'why an application is, or is not, rolled back; what would change that',
    help: 'APP is namespace/name, or the name alone where it is unique. Also says which invariants and guards could not hold today, and the key that relaxes each.',
    examples: ['ai-operator explain checkout'],
    run: explain,
  },
  {
    name: 'abort',
    arguments: ['ID'],
    options: [...DAEMON, 'reason'],
    needs: ['reason'],
    summary: 'stop an attempt (role operator)',
    help: 'No new effect starts once this is stored; the pull request is closed. What is under way is settled first: if that was the merge, it stays. Closing the pull request or commenting /abort does the same.',
    examples: ['ai-operator abort 3f2a --reason "fix forward in #812"'],
    run: abort,
  },
  {
    name: 'retry',
    arguments: ['APP'],
    options: [...DAEMON, 'reason'],
    needs: ['reason'],
    summary: 'allow another attempt for a version that was tried (role operator; after a veto: approver)',
    help: 'Lifts the latch. An attempt starts only if the application still is Degraded with the same version and everything else allows it.',
    examples: ['ai-operator retry checkout --reason "GitHub is back"'],
    run: retry,
  },
  {
    name: 'pause',
    arguments: ['[APP]'],
    options: [...DAEMON, 'reason', 'all'],
    needs: ['reason'],
    summary: 'start nothing new for an application, or with --all for any (role operator)',
    help: 'No branch, pull request, merge or refresh starts. Observation, deadlines, verification and abort go on.',
    examples: ['ai-operator pause checkout --reason "load test"', 'ai-operator pause --all --reason "migration"'],
    run: pause,
  },
  {
    name: 'resume',
    arguments: ['[APP]'],
    options: [...DAEMON, 'reason', 'all'],
    needs: ['reason'],
    summary: 'end a pause, open the brake (role operator; after kill: approver)',
    help: 'What turned Degraded before it does not start an attempt; `retry` does.',
    examples: ['ai-operator resume --all --reason "migration done"'],
    run: resume,
  },
  {
    name: 'kill',
    arguments: [],
    options: [...DAEMON, 'reason'],
    needs: ['reason'],
    summary: 'stop everything new at once, until an approver resumes (role operator)',
    help: 'If the operator does not answer, create the file named by killFile in its configuration: the same without API and store.',
    examples: ['ai-operator kill --reason "it does something strange"'],
    run: kill,
  },
  {
    name: 'quarantine list',
    arguments: [],
    options: DAEMON,
    summary: 'versions that were rolled back and may only be proposed for if they return',
    help: 'A quarantine ends by itself after 30 days.',
    examples: ['ai-operator quarantine list'],
    run: quarantineList,
  },
  {
    name: 'quarantine lift',
    arguments: ['ID'],
    options: [...DAEMON, 'reason'],
    needs: ['reason'],
    summary: 'end a quarantine (role approver)',
    help: 'ID is the attempt of `quarantine list`, its first digits, or the application.',
    examples: ['ai-operator quarantine lift 3f2a --reason "the outage was the database"'],
    run: quarantineLift,
  },
  {
    name: 'audit verify',
    arguments: [],
    options: [...AUDIT, 'witness'],
    summary: 'check that no audit record was edited, inserted, deleted or reordered',
    help: 'Needs no running operator. Without a witness it says up to where a cut can be excluded. Exit code 3 when something is wrong.',
    examples: ['ai-operator audit verify --directory /var/lib/ai-operator/audit'],
    run: (c) =>
      c.handlers.auditVerify(
        { ...auditOptions(c), ...(c.options.witness === undefined ? {} : { witness: c.options.witness }) },
        c.io,
      ),
  },
  {
    name: 'audit show',
    arguments: [],
    options: [...AUDIT, 'attempt'],
    summary: 'audit records for people, oldest first',
    help: 'Needs no running operator.',
    examples: ['ai-operator audit show --config prod.yaml --attempt 3f2a'],
    run: (c) => c.handlers.auditShow({ ...auditOptions(c), ...ofAttempt(c) }, c.io),
  },
  {
    name: 'audit export',
    arguments: [],
    options: [...AUDIT, 'attempt'],
    summary: 'audit records as JSON lines, whole and with their hashes',
    help: 'Needs no running operator.',
    examples: ['ai-operator audit export --config prod.yaml > audit.jsonl'],
    run: (c) => c.handlers.auditExport({ ...auditOptions(c), ...ofAttempt(c) }, c.io),
  },
  {
    name: 'config check',
    arguments: [],
    options: ['config', 'output'],
    needs: ['config'],
    summary: 'check a configuration: all faults at once, with line and mend',
    help: 'Exit code 2 when there is a fault. Nothing outside is called.',
    examples: ['ai-operator config check --config prod.yaml'],
    run: (c) => c.handlers.configCheck(withConfig(c), c.io),
  },
  {
    name: 'config print',
    arguments: [],
    options: ['config', 'output'],
    needs: ['config'],
    summary: 'the whole configuration in force, defaults included, secrets left out',
    help: 'YAML unless -o json.',
    examples: ['ai-operator config print --config prod.yaml'],
    run: (c) => c.handlers.configPrint(withConfig(c), c.io),
  },
  {
    name: 'config schema',
    arguments: [],
    options: [],
    summary: 'the JSON schema of the configuration, for editors',
    help: 'Put `# yaml-language-server: $schema=./schema.json` at the top of a configuration.',
    examples: ['ai-operator config schema > config/schema.json'],
    run: (c) => c.handlers.configSchema(c.io),
  },
  {
    name: 'doctor',
    arguments: [],
    options: ['config', 'output'],
    needs: ['config'],
    summary: 'check credentials, scopes, reachability, clock, limits and contradictions',
    help: 'Reads only (in etcd it also writes a key of its own and removes it). Says for every managed staging application which rules cannot hold today. Exit code 3 when something must be mended.',
    examples: ['ai-operator doctor --config prod.yaml'],
    run: (c) => c.handlers.doctor(withConfig(c), c.io),
  },
  {
    name: 'completion',
    arguments: ['SHELL'],
    options: [],
    summary: `completion of commands and options for ${SHELLS.join(', ')}`,
    help: 'Prints a script; load it in the start-up file of the shell, in bash and zsh by `source <(ai-operator completion bash)`.',
    examples: ['ai-operator completion bash', 'ai-operator completion fish | source'],
    run: ({ arguments: [given], io }) => {
      const shell = SHELLS.find((s) => s === given);
      if (shell === undefined) io.err(`completion knows ${SHELLS.join(', ')}, not ${JSON.stringify(given)}`);
      else io.out(completionScript(shell, COMMANDS));
      return Promise.resolve(shell === undefined ? EXIT.usage : EXIT.ok);
    },
  },
  {
    name: 'version',
    arguments: [],
    options: ['output'],
    summary: 'the version',
    help: 'Also: ai-operator --version.',
    examples: ['ai-operator version'],
    run: ({ io, handlers, output }) => {
      io.out(
        output === 'table'
          ? handlers.version
          : output === 'json'
            ? JSON.stringify({ version: handlers.version, node: process.version })
            : `version: ${handlers.version}\nnode: ${process.version}`,
      );
      return Promise.resolve(EXIT.ok);
    },
  },
];
