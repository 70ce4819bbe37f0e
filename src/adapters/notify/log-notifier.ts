import type { Notice, Notifier } from '../../ports/notifier.js';

/** The part of a logger that is needed here. */
export interface NoticeLog {
  info(message: string, fields: Readonly<Record<string, unknown>>): unknown;
  warn(message: string, fields: Readonly<Record<string, unknown>>): unknown;
  error(message: string, fields: Readonly<Record<string, unknown>>): unknown;
}

const LEVELS = { info: 'info', warning: 'warn', critical: 'error' } as const;

/** Writes every notice to the log, without the attempt's details. Never fails. */
export class LogNotifier implements Notifier {
  constructor(private readonly log: NoticeLog) {}

  notify(notice: Notice): Promise<void> {
    this.log[LEVELS[notice.severity]]('notice', {
      noticeId: notice.id,
      kind: notice.kind,
      title: notice.title,
      text: notice.text,
      ...(notice.application === undefined ? {} : { application: notice.application }),
      ...(notice.attempt === undefined ? {} : { correlationId: notice.attempt.id, state: notice.attempt.state }),
    });
    return Promise.resolve();
  }
}
