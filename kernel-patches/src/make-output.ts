// SPDX-License-Identifier: GPL-2.0-only

/** Whether a line of the kernel's make tells that an object of the kernel was compiled. */
export function isObjectLine(line: string): boolean {
	return /^ {2}(?:CC|AS)(?: \[M\])? {2,}\S+\.o$/.test(line);
}

/**
 * Counts the objects that `make --dry-run` would compile: it prints the shell commands, each with
 * the `echo '  CC      file.o'` that make would print.
 */
export function countDryRunObjects(text: string): number {
	return Array.from(text.matchAll(/echo ' {2}(?:CC|AS)(?: \[M\])? {2,}[^' ]+\.o'/g)).length;
}

/** A step of make's quiet output, or make's own words on entering a folder. */
function isProgressLine(line: string): boolean {
	return (
		/^ {2}[A-Z][\w()]*(?: \[M\])? {2,}\S/.test(line) ||
		/^make(\[\d+\])?: (Entering|Leaving)/.test(line)
	);
}

const errorPattern =
	/\berror: |\bfatal error:|undefined reference to|multiple definition of|: command not found|: not found$|^(?:\S*-)?ld: |^make(\[\d+\])?: \*\*\* |No rule to make target|[Nn]o space left on device/;

/** Lines of context after an error: the compiler shows the source and notes there. */
const contextLines = 6;

/**
 * Picks the errors out of make's output: each error line with what the compiler says below it.
 * @param text the log of a failed make
 * @param limit the most lines to return; the first errors are the ones that count
 */
export function extractErrors(text: string, limit = 60): string[] {
	const picked: string[] = [];
	let context = 0;
	for (const line of text.split('\n')) {
		if (errorPattern.test(line)) {
			picked.push(line);
			// After make's own words there is nothing more on the matter.
			context = line.startsWith('make') ? 0 : contextLines;
		} else if (isProgressLine(line) || line === '') {
			context = 0;
		} else if (context > 0) {
			picked.push(line);
			context -= 1;
		}
	}
	return picked.slice(0, limit);
}

/** The lines of make's output that are warnings of the compiler's. */
export function extractWarnings(text: string): string[] {
	return text.split('\n').filter((line) => /^\S+:\d+:\d+: warning: /.test(line));
}

/** A warning or an error of the compiler's or of sparse's. */
export interface Complaint {
	/** As make named it. */
	file: string;
	/** Counted from 1. */
	line: number;
	/** With the word that it begins with. */
	message: string;
}

/** Reads a line that the compiler or sparse printed. */
export function readComplaint(line: string): Complaint | undefined {
	const [, file, number, message] =
		/^(\S+?):(\d+):(?:\d+:)? ((?:fatal )?(?:warning|error): .*)$/.exec(line) ?? [];
	return file === undefined || message === undefined
		? undefined
		: { file, line: Number(number), message };
}

/** How many compilations ccache answered from its cache. */
export interface CompilerCacheCounts {
	hits: number;
	misses: number;
}

/** Counts the results in the log that ccache writes to `CCACHE_STATSLOG`. */
export function parseCompilerCacheLog(text: string): CompilerCacheCounts {
	const count = (pattern: RegExp): number => Array.from(text.matchAll(pattern)).length;
	return {
		hits: count(/^(?:direct|preprocessed)_cache_hit$/gm),
		misses: count(/^cache_miss$/gm),
	};
}
