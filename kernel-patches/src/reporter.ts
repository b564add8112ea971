// SPDX-License-Identifier: GPL-2.0-only
import { SingleBar } from 'cli-progress';
import { formatDuration } from './durations.js';

/** What a progress bar counts. */
export interface ProgressOptions {
	/** What is going on, such as `building release`. */
	label: string;
	unit: 'MB' | 'files' | 'objects';
	/** How many units there are to do, at least 1. */
	total: number;
	/** The total is an estimate; it is shown as such, and grows where it was too small. */
	about?: boolean;
}

/** A running progress display. */
export interface Progress {
	/** @param done units done since the start */
	readonly update: (done: number) => void;
	/** Ends the display. Must be called once, also after a failure. */
	readonly stop: () => void;
}

/** Where the stages tell a person what they do. */
export interface Reporter {
	readonly say: (message: string) => void;
	readonly progress: (options: ProgressOptions) => Progress;
}

/** The part of a terminal or file that the reporter writes to. */
export type ReportStream = NodeJS.WritableStream & { isTTY?: boolean | undefined };

/** Without a terminal, how long to wait between two lines of progress. */
const plainLineInterval = 15_000;

/**
 * How far along, in words: `812 of about 1551 objects, 52 %, 4 min 3 s left`.
 * @param elapsed milliseconds since the start
 */
export function describeProgress(options: ProgressOptions, done: number, elapsed: number): string {
	const total = Math.max(options.total, done);
	const count = `${Math.floor(done)} of ${options.about ? 'about ' : ''}${Math.ceil(total)}`;
	const percent = `${Math.floor((100 * done) / total)} %`;
	// In the first moments a rate says nothing.
	const left =
		elapsed < 2_000 || done <= 0 || done >= total
			? ''
			: `, ${formatDuration((elapsed / done) * (total - done))} left`;
	return `${count} ${options.unit}, ${percent}${left}`;
}

function createTerminalProgress(stream: ReportStream, options: ProgressOptions): Progress {
	const start = Date.now();
	const bar = new SingleBar({
		stream,
		clearOnComplete: true,
		hideCursor: true,
		fps: 5,
		barsize: 24,
		format: (_options, parameters) => {
			const filled = Math.round(24 * Math.min(1, parameters.progress));
			const drawn = '#'.repeat(filled).padEnd(24, '.');
			const text = describeProgress(options, parameters.value, Date.now() - start);
			return `fastipc: ${options.label} [${drawn}] ${text}`;
		},
	});
	bar.start(options.total, 0);
	return {
		update(done) {
			bar.setTotal(Math.max(options.total, done));
			bar.update(done);
		},
		stop() {
			bar.stop();
		},
	};
}

function createPlainProgress(
	stream: ReportStream,
	options: ProgressOptions,
	now: () => number,
): Progress {
	const start = now();
	let lastLine = start;
	return {
		update(done) {
			if (now() - lastLine >= plainLineInterval) {
				lastLine = now();
				const text = describeProgress(options, done, lastLine - start);
				stream.write(`fastipc: ${options.label}: ${text}\n`);
			}
		},
		stop() {
			// What was written stays; there is nothing to clear.
		},
	};
}

/**
 * Makes the reporter that the commands use: lines that begin with `fastipc: `, and progress as a
 * bar on a terminal or as a line every 15 seconds elsewhere.
 * @param stream normally `process.stderr`, because stdout is for results
 * @param now the clock, in milliseconds
 */
export function createReporter(stream: ReportStream, now: () => number = Date.now): Reporter {
	const onTerminal = stream.isTTY === true;
	let barShown = false;
	return {
		say(message) {
			// A bar in progress is wiped first; it draws itself anew below.
			stream.write(`${barShown ? '\r\u001B[K' : ''}fastipc: ${message}\n`);
		},
		progress(options) {
			if (!onTerminal) {
				return createPlainProgress(stream, options, now);
			}
			const progress = createTerminalProgress(stream, options);
			barShown = true;
			return {
				update(done) {
					progress.update(done);
				},
				stop() {
					barShown = false;
					progress.stop();
				},
			};
		},
	};
}

/** Runs one stage and says how long it took: `NAME: RESULT (12 s)`. */
export async function reportStage<Result>(
	report: Reporter,
	describe: (result: Result) => string,
	stage: () => Promise<Result>,
): Promise<Result> {
	const start = Date.now();
	const result = await stage();
	report.say(`${describe(result)} (${formatDuration(Date.now() - start)})`);
	return result;
}
