// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { parseDbusListing, readDbusListing, type DbusListing } from '../dbus-listing.js';
import { showListing } from './show-listing.js';

const help = `Usage: fastipc-dbus [--json] [FILE]

Shows the D-Bus buses that the kernel knows (/proc/net/dbus, of a kernel with AF_DBUS): their
daemons, who is connected, under which names, who waits for them, and how many messages passed.
Without CAP_NET_ADMIN it shows connections of your own, and all of buses whose daemon you run.

  FILE     a saved listing instead
  --json   everything as one JSON object
  --help   this text

What the kernel delivers itself comes first: how many messages and replies, in how many flows, and
how many it left to the daemon for which reason (off, daemon, flow, shape, order, full, pending,
watched: as the documentation of /proc/net/dbus has them).

RECEIVED and SENT are messages, as the daemon sees it. A connection is unsure when it said
something of which the kernel can't know what came of it; a suspect might watch others by that.
`;

interface Arguments {
	json: boolean;
	help: boolean;
	file: string | undefined;
}

function readArguments(words: readonly string[]): Arguments {
	const { values, positionals } = parseArgs({
		args: [...words],
		options: {
			json: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
		allowPositionals: true,
	});
	if (positionals.length > 1) {
		throw new TypeError(`at most one FILE, got ${positionals.length}: ${positionals.join(' ')}`);
	}
	return { ...values, file: positionals[0] };
}

/** What a process runs now. */
function programOf(pid: number): string | undefined {
	try {
		return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
	} catch {
		// It has ended, or is of another pid namespace.
		return undefined;
	}
}

function show(listing: DbusListing, { json, file }: Arguments): string {
	return json
		? `${JSON.stringify(listing, undefined, '\t')}\n`
		: // The processes of a saved listing are others by now.
			showListing(listing, file === undefined ? programOf : () => undefined);
}

/** What a command prints, and with which status it ends. */
export interface Outcome {
	output: string;
	errors: string;
	status: number;
}

/**
 * The command `fastipc-dbus`.
 * @param words its arguments, without node and the script
 */
export function runDbusCommand(words: readonly string[]): Outcome {
	let given: Arguments;
	try {
		given = readArguments(words);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return { output: '', errors: `fastipc-dbus: ${reason}\n\n${help}`, status: 2 };
	}
	if (given.help) {
		return { output: help, errors: '', status: 0 };
	}
	try {
		const { file } = given;
		const listing =
			file === undefined ? readDbusListing() : parseDbusListing(readFileSync(file, 'utf8'));
		return { output: show(listing, given), errors: '', status: 0 };
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return { output: '', errors: `fastipc-dbus: ${reason}\n`, status: 1 };
	}
}
