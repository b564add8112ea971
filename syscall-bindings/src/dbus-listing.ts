// SPDX-License-Identifier: GPL-2.0-only
/*
 * The listing /proc/net/dbus of the series af-dbus: a line for each bus, connection and name, and,
 * of kernels that deliver messages, one for what they delivered on each bus.
 *
 *	bus ID KEY=VALUE …
 *	direct BUS KEY=VALUE …
 *	connection BUS ID KEY=VALUE …
 *	name BUS NAME OWNER WAITING …
 *
 * Keys may be added to it, so those that aren't known are kept; anything else that isn't as
 * expected is an error.
 */
import { readFileSync } from 'node:fs';

import { checkString } from './argument-words.js';
import { isSystemError } from './system-error.js';

/** What later kernels add to a line: values by keys that are not known here. */
export type AddedFields = Readonly<Record<string, string>>;

/** Why the kernel left messages to the daemon: how many for each reason, since the bus is there. */
export interface LeftMessages {
	/** It is switched off, or a listener didn't declare that there is no other way in. */
	off: number;
	/** They were for the daemon, or for everybody. */
	daemon: number;
	/** The daemon hasn't been seen to deliver such a message lately. */
	flow: number;
	/** In pieces, too long, with descriptors, or not what the kernel takes itself to understand. */
	shape: number;
	/** Something sent before might still be on its way through the daemon. */
	order: number;
	/** As much as may be was waiting to be read. */
	full: number;
	/** As many calls as may be were waiting for replies. */
	pending: number;
	/** Somebody watched the bus, or might have. */
	watched: number;
}

/** What the kernel delivers on a bus without its daemon. */
export interface ListedDirect {
	/** Flows, established or not. */
	flows: number;
	/** Calls that it delivered and that wait for their replies. */
	pending: number;
	/** Bytes that it delivered, or holds free for replies, and that nobody has read. */
	queued: number;
	/** Calls and signals that it delivered, since the bus is there. */
	delivered: number;
	/** Replies that it delivered. */
	answered: number;
	/** Errors that it made in the place of replies: NoReply, LimitsExceeded. */
	failed: number;
	left: LeftMessages;
	added: AddedFields;
}

/** A bus: all that one process accepted from listeners of AF_DBUS. */
export interface ListedBus {
	/** Counted from 1 since the kernel booted. */
	id: number;
	/** The daemon's; 0 where it has ended, or isn't of the reader's pid namespace. */
	pid: number;
	/** The daemon's user. */
	uid: number;
	/** How many there are. */
	connections: number;
	/** How many there are, unique names too. */
	names: number;
	/** Connections that became monitors. */
	monitors: number;
	/** Connections with match rules that eavesdrop. */
	eavesdroppers: number;
	/** Connections that might be one of both for all the kernel knows. */
	suspects: number;
	/** Messages that the daemon received, since the bus is there. */
	received: number;
	/** Messages that the daemon sent. */
	sent: number;
	/** What went without the daemon; undefined where the kernel can't do that. */
	direct: ListedDirect | undefined;
	added: AddedFields;
}

/** A client's connection to a bus. */
export interface ListedConnection {
	/** The bus's id. */
	bus: number;
	/** Counted within the bus. */
	id: number;
	/** The client's; 0 where it isn't of the reader's pid namespace. */
	pid: number;
	/** The client's user. */
	uid: number;
	/** Its unique name; undefined before the daemon answered Hello. */
	name: string | undefined;
	/** What the daemon receives is: `authenticating`, `messages`, `ended`, `lost` … */
	receives: string;
	/** What the daemon sends is: likewise. */
	sends: string;
	/** Whether passing descriptors was agreed on. */
	fds: boolean;
	monitor: boolean;
	/** How many match rules that eavesdrop. */
	eavesdrops: number;
	/** Whether it said something of which it can't be known what came of it. */
	unsure: boolean;
	/** How many names it owns or waits for, its unique name too. */
	names: number;
	/** Messages that the daemon received from it. */
	received: number;
	/** Messages that the daemon sent to it. */
	sent: number;
	added: AddedFields;
}

/** A name on a bus. */
export interface ListedName {
	/** The bus's id. */
	bus: number;
	name: string;
	/** The owner's unique name, `?` where that isn't known; undefined where the owner isn't. */
	owner: string | undefined;
	/** Unique names of those who wait to own it, in the order in which they were told so. */
	waiting: string[];
}

/**
 * The buses of a network namespace, as far as its reader may see them: without CAP_NET_ADMIN,
 * and unless he runs the daemon, only connections of his own.
 */
export interface DbusListing {
	buses: ListedBus[];
	connections: ListedConnection[];
	names: ListedName[];
}

const listingFile = '/proc/net/dbus';

/** Takes what is known out of a line's fields, with a check of each. */
interface Fields {
	whole: (key: string) => number;
	flag: (key: string) => boolean;
	word: (key: string) => string;
	/** What nobody has taken. */
	rest: () => AddedFields;
}

function wholeNumber(text: string, what: string): number {
	const number = Number(text);
	if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
		throw new Error(`${what} must be a whole number below 2^53, it is "${text}"`);
	}
	return number;
}

function splitFields(words: readonly string[]): Map<string, string> {
	const fields = new Map<string, string>();
	for (const word of words) {
		const [, key, value] = /^([a-z_]+)=(.*)$/.exec(word) ?? [];
		if (key === undefined || value === undefined) {
			throw new Error(`a field must be KEY=VALUE, it is "${word}"`);
		}
		if (fields.has(key)) {
			throw new Error(`${key} is there twice`);
		}
		fields.set(key, value);
	}
	return fields;
}

function takeFields(words: readonly string[]): Fields {
	const fields = splitFields(words);
	const word = (key: string): string => {
		const value = fields.get(key);
		if (value === undefined || value === '') {
			throw new Error(`${key} is missing`);
		}
		fields.delete(key);
		return value;
	};
	return {
		word,
		whole: (key) => wholeNumber(word(key), key),
		flag: (key) => {
			const value = word(key);
			if (value !== '0' && value !== '1') {
				throw new Error(`${key} must be 0 or 1, it is "${value}"`);
			}
			return value === '1';
		},
		rest: () => Object.fromEntries(fields),
	};
}

function parseBus(words: readonly string[]): ListedBus {
	const [id = '', ...others] = words;
	const { whole, rest } = takeFields(others);
	return {
		id: wholeNumber(id, "the bus's number"),
		pid: whole('pid'),
		uid: whole('uid'),
		connections: whole('connections'),
		names: whole('names'),
		monitors: whole('monitors'),
		eavesdroppers: whole('eavesdroppers'),
		suspects: whole('suspects'),
		received: whole('received'),
		sent: whole('sent'),
		direct: undefined,
		added: rest(),
	};
}

function parseDirect(words: readonly string[]): ListedDirect {
	const { whole, rest } = takeFields(words);
	return {
		flows: whole('flows'),
		pending: whole('pending'),
		queued: whole('queued'),
		delivered: whole('delivered'),
		answered: whole('answered'),
		failed: whole('failed'),
		left: {
			off: whole('left_off'),
			daemon: whole('left_daemon'),
			flow: whole('left_flow'),
			shape: whole('left_shape'),
			order: whole('left_order'),
			full: whole('left_full'),
			pending: whole('left_pending'),
			watched: whole('left_watched'),
		},
		added: rest(),
	};
}

/** It follows its bus. */
function addDirect(buses: readonly ListedBus[], [id = '', ...words]: readonly string[]): void {
	const bus = buses.at(-1);
	if (bus?.id !== wholeNumber(id, "the bus's number") || bus.direct !== undefined) {
		throw new Error('a line with direct must follow that of its bus, once');
	}
	bus.direct = parseDirect(words);
}

function parseConnection(words: readonly string[]): ListedConnection {
	const [bus = '', id = '', ...others] = words;
	const { whole, word, flag, rest } = takeFields(others);
	const name = word('name');
	return {
		bus: wholeNumber(bus, "the bus's number"),
		id: wholeNumber(id, "the connection's number"),
		pid: whole('pid'),
		uid: whole('uid'),
		name: name === '-' ? undefined : name,
		receives: word('receives'),
		sends: word('sends'),
		fds: flag('fds'),
		monitor: flag('monitor'),
		eavesdrops: whole('eavesdrops'),
		unsure: flag('unsure'),
		names: whole('names'),
		received: whole('received'),
		sent: whole('sent'),
		added: rest(),
	};
}

function parseName(words: readonly string[]): ListedName {
	const [bus = '', name = '', owner = '', ...waiting] = words;
	if (words.length < 3 || words.includes('')) {
		throw new Error('a name must have a bus and an owner or -, with one space between words');
	}
	return {
		bus: wholeNumber(bus, "the bus's number"),
		name,
		owner: owner === '-' ? undefined : owner,
		waiting,
	};
}

function parseLine(listing: DbusListing, line: string): void {
	const [kind = '', ...words] = line.split(' ');
	switch (kind) {
		case 'bus':
			listing.buses.push(parseBus(words));
			break;
		case 'direct':
			addDirect(listing.buses, words);
			break;
		case 'connection':
			listing.connections.push(parseConnection(words));
			break;
		case 'name':
			listing.names.push(parseName(words));
			break;
		default:
			throw new Error(`a line must begin with bus, direct, connection or name, not with "${kind}"`);
	}
}

/**
 * Takes the text of `/proc/net/dbus` apart.
 * @param text whole lines; the last one too has to end
 * @returns what it says, in its order
 * @throws Error that quotes the line and says what is wrong with it
 * @throws TypeError (code `ERR_INVALID_ARG_TYPE`)
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { parseDbusListing } from '@fastipc/syscall-bindings/dbus-listing';
 *
 * const { names } = parseDbusListing('name 1 org.example.Name :1.0 :1.4\n');
 * assert.deepEqual(names, [{ bus: 1, name: 'org.example.Name', owner: ':1.0', waiting: [':1.4'] }]);
 * ```
 */
export function parseDbusListing(text: string): DbusListing {
	const lines = checkString('parseDbusListing', text, 'text').split('\n');
	const last = lines.pop();
	if (last !== '') {
		throw new Error(`the listing of buses is cut off in its last line: ${last}`);
	}
	const listing: DbusListing = { buses: [], connections: [], names: [] };
	for (const [index, line] of lines.entries()) {
		try {
			parseLine(listing, line);
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			throw new Error(`the listing of buses, line ${index + 1}: ${reason}: ${line}`, {
				cause: error,
			});
		}
	}
	return listing;
}

/**
 * What the kernel knows now of the buses of this network namespace: `/proc/net/dbus`.
 * @returns without CAP_NET_ADMIN, and of buses whose daemon another user runs, only connections
 * of the caller's user
 * @throws Error where the kernel has no AF_DBUS, with what to do, or a listing of another form
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { readDbusListing } from '@fastipc/syscall-bindings/dbus-listing';
 *
 * for (const { id, names } of readDbusListing().buses) {
 * 	console.log(`bus ${id} has ${names} names`);
 * 	assert.ok(id > 0);
 * }
 * ```
 */
export function readDbusListing(): DbusListing {
	try {
		return parseDbusListing(readFileSync(listingFile, 'utf8'));
	} catch (error) {
		if (isSystemError(error, 'ENOENT')) {
			throw new Error(
				`${listingFile} is missing: it takes a kernel with the af-dbus series and CONFIG_AF_DBUS=y, or =m and the module loaded (modprobe dbus)`,
				{ cause: error },
			);
		}
		throw error;
	}
}
