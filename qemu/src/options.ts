// SPDX-License-Identifier: GPL-2.0-only
import type { Readable, Writable } from 'node:stream';
import type { Accelerator } from './command-line.js';

/** One run of one command in a fresh guest. */
export interface GuestOptions {
	/** Path of the bzImage. */
	image: string;
	/** Path of guest-init, `nativePath('guest-init')`. */
	init: string;
	/** The command and its arguments; it is run as root. */
	command: readonly string[];
	/** Its working directory, a path of the host's. */
	cwd: string;
	/** Its whole environment. */
	env: Readonly<Record<string, string>>;
	/** Processors, 1 to 16. With `icount` there can be only one. */
	cpus: number;
	memoryMiB: number;
	accelerator: Accelerator;
	/** The guest's clock counts instructions. Needs `accelerator: 'tcg'`. */
	icount?: boolean | undefined;
	/** A debug kernel: it gets more time, and kmemleak is asked after the command. */
	debugChecks?: boolean | undefined;
	/**
	 * How the names of kernel functions begin: a data race counts only if one of them has a part in
	 * it. Default: all data races count.
	 */
	dataRacesOf?: readonly string[] | undefined;
	/** With ACPI. Default: not where a debug kernel runs under TCG, which never gets through it. */
	acpi?: boolean | undefined;
	/** The command gets a terminal, connected to ours. */
	shell?: boolean | undefined;
	/** The guest waits for gdb before its first instruction. No limit of time applies. */
	gdb?: boolean | undefined;
	/** More parameters for the kernel. */
	append?: string | undefined;
	/** Ends the run so long after QEMU's start. 0: never. Default: never. */
	timeoutSeconds?: number | undefined;
	/** Ends the run after so long without output or console line. 0: never. Default: `limitsFor()`. */
	silenceSeconds?: number | undefined;
	/** Paths of the host's that must stay visible even below /tmp, /var/tmp, /run and /dev/shm. */
	keepVisible?: readonly string[] | undefined;
	/** Where console.log is written; made if it isn't there. */
	logDirectory: string;
	/** The command's standard input. Default: none, it reads the end at once. */
	stdin?: Readable | undefined;
	stdout: Writable;
	stderr: Writable;
	/** Ends the run when aborted; the reason is the name of the signal that asks for it. */
	interrupt?: AbortSignal | undefined;
	/** Is told in a line what is run and what the guest complains about. */
	report?: ((line: string) => void) | undefined;
}
