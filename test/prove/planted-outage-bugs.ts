import { bug, type PlantedBug } from './planted-bug.js';

const CONTROLLER = 'workflow/fsm-controller.js';
const SWEEP = 'workflow/sweep.js';
const KILL_WATCH = 'workflow/kill-watch.js';

/** What goes wrong when a store answers half of what it is asked, or a clock is set. */
export const OUTAGE_BUGS: readonly PlantedBug[] = [
  bug(
    'opening-forgotten',
    'an opening that was not answered is not looked for',
    SWEEP,
    'if (this.#looking ||',
    'if (true ||',
    'workflow/sweep',
  ),
  bug(
    'opening-looked-for-once',
    'an opening that was not answered, and arrives late, is not found',
    'workflow/fsm-service.js',
    'this.clock.monotonic() - since >= LATEST_ARRIVAL_MS;',
    'true;',
    'workflow/sweep',
  ),
  bug(
    'no-turns',
    'while nothing can be written, every attempt looks at every upstream each second',
    CONTROLLER,
    'this.#turns.failed(id);',
    ';',
    'workflow/fsm-controller-failures',
  ),
  bug(
    'turns-kept',
    'a write that succeeds lets only its own attempt go on',
    CONTROLLER,
    'for (const freed of this.#turns.free())',
    'for (const freed of [])',
    'workflow/fsm-controller-failures',
  ),
  bug(
    'clock-unwatched',
    'a clock that is set back stops everything until its time has come round again, without a word',
    SWEEP,
    'if (Math.abs(leapMs) < LEAP_MS)',
    'if (true)',
    'workflow/sweep',
  ),
  bug(
    'kill-file-forgotten',
    'a kill file that is taken away while no operator runs was never there',
    KILL_WATCH,
    "if (this.baselines.since('kill-file') === undefined)",
    'if (false)',
    'workflow/kill-watch',
  ),
  bug(
    'kill-file-let-go',
    "a kill file that is taken away holds nothing any more, before what was red meanwhile is nobody's case",
    KILL_WATCH,
    'const at = this.#heldSince;',
    'const at = undefined;',
    'workflow/kill-watch',
  ),
];
