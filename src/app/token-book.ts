import { asOperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { AccessTokens } from '../surface/http/access-tokens.js';

/** The tokens of the API in force: those of the file when it was last read well. */
export class TokenBook {
  private constructor(
    private readonly file: string | undefined,
    private tokens: AccessTokens | undefined,
    private readonly logger: Logger,
  ) {}

  /** Without a file nobody has a token. Throws what AccessTokens.load throws. */
  static async open(file: string | undefined, logger: Logger): Promise<TokenBook> {
    return new TokenBook(file, file === undefined ? undefined : await AccessTokens.load(file), logger);
  }
  current(): AccessTokens | undefined {
    return this.tokens;
  }
  /** A file that cannot be read or is faulty changes nothing, and is logged. */
  async reload(): Promise<void> {
    if (this.file === undefined) return;
    try {
      this.tokens = await AccessTokens.load(this.file);
      this.logger.info('tokens of the API read again', { count: this.tokens.count });
    } catch (error) {
      this.logger.error('the tokens of the API were not read again; those in force stay', {
        error: asOperatorError(error),
      });
    }
  }
}
