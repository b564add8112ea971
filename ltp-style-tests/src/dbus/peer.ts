// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of a bus that does one thing after the other and sends whatever bytes it is given.
 *
 * Several of them in one process are many clients of which it is known who did what before whom:
 * nothing here happens behind the test's back. Whoever waits, waits until something comes.
 */
import {
	AF_UNIX,
	closeDescriptor,
	connectSocket,
	isSystemError,
	MSG_DONTWAIT,
	openSocket,
	pollDescriptor,
	POLLIN,
	POLLOUT,
	receiveBytes,
	sendBytes,
	SOCK_CLOEXEC,
	SOCK_NONBLOCK,
	SOCK_STREAM,
	upgradeToDbus,
} from '@fastipc/syscall-bindings';
import { actAs, type User } from '../process/act-as.js';
import type { Teardown } from '../teardown.js';
import type { Family } from './daemons.js';
import { busCall, driver, readResult, type Argument, type Result } from './message.js';
import {
	fieldText,
	messageType,
	noReplyExpected,
	replySerialOf,
	takeMessages,
	type Received,
} from './wire.js';

/** How a client connects. */
export interface PeerOptions {
	/** Whose it is; else root's. */
	user?: User;
	/** AF_DBUS where left out. */
	family?: Family;
	/** Agrees with the daemon on passing descriptors. */
	descriptors?: boolean;
}

/** A client. */
export interface Peer {
	/** Its unique name. */
	readonly name: string;
	readonly descriptor: number;
	/** The number for its next message. */
	nextSerial: () => number;
	/** Sends bytes, by one call if they fit. */
	send: (bytes: Uint8Array) => void;
	/** Sends bytes by one call; returns how many fitted. */
	sendSome: (bytes: Uint8Array) => number;
	/**
	 * Waits for the next message; of the bus itself only errors that it makes for others are.
	 * @throws Error if none comes for long, or at the end of the stream
	 */
	receive: () => Received;
	/** The messages that have come and that `receive` hasn't returned, those of the bus left out. */
	waiting: () => Received[];
	/** All that has come, in its order, of the bus itself too. */
	arrived: () => readonly Received[];
	/** Reads until the stream ends, and says how; throws if it doesn't for long. */
	waitForEnd: () => 'end' | 'ECONNRESET';
	/** Whether the stream has ended, as far as can be told now. */
	hasEnded: () => boolean;
	/** Calls the bus, and waits for its answer. */
	ask: (member: string, ...args: Argument[]) => Result;
	/** Calls the bus, and doesn't wait; returns the serial. */
	tell: (member: string, ...args: Argument[]) => number;
	/** {@link Peer.tell} without wanting an answer. */
	notify: (member: string, ...args: Argument[]) => number;
	close: () => void;
}

/** Nothing in a guest takes so long, however slow, unless it never comes. */
export const patienceMilliseconds = 60_000;

function openAs({ user, family = 'AF_DBUS' }: PeerOptions, path: string): number {
	const open = (): number => {
		const descriptor = openSocket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (family === 'AF_DBUS') {
			upgradeToDbus(descriptor);
		}
		connectSocket(descriptor, { family: AF_UNIX, path });
		return descriptor;
	};
	return user === undefined ? open() : actAs(user, open);
}

/** Waits as `pollDescriptor` does; a child that stops or ends interrupts that. */
function pollOn(descriptor: number, events: number): number {
	try {
		return pollDescriptor(descriptor, events, patienceMilliseconds);
	} catch (error) {
		if (isSystemError(error, 'EINTR')) {
			return events;
		}
		throw error;
	}
}

/**
 * Waits until something can be done with a socket, or something interrupts that.
 * @throws Error that says what for if nothing comes of it for long
 */
export function waitFor(descriptor: number, events: number, what: string): void {
	if (pollOn(descriptor, events) === 0) {
		throw new Error(`${what}: nothing came of it for ${patienceMilliseconds / 1000} s`);
	}
}

function sendWhole(descriptor: number, bytes: Uint8Array): void {
	for (let sent = 0; sent < bytes.length;) {
		const count = sendBytes(descriptor, bytes.subarray(sent));
		if (count === undefined) {
			waitFor(descriptor, POLLOUT, `to send ${bytes.length - sent} bytes`);
		}
		sent += count ?? 0;
	}
}

/** Says a line of the handshake, and returns the answer, which must begin as expected. */
function converse(descriptor: number, line: string, expected: string): void {
	sendWhole(descriptor, Buffer.from(line));
	let answer = '';
	const bytes = Buffer.alloc(4096);
	while (!answer.endsWith('\r\n')) {
		waitFor(descriptor, POLLIN, `answer to "${line.trim()}"`);
		const count = receiveBytes(descriptor, bytes);
		if (count === 0) {
			break;
		}
		answer += bytes.toString('latin1', 0, count ?? 0);
	}
	if (!answer.startsWith(expected)) {
		throw new Error(`expected the daemon to say ${expected}, it said "${answer.trim()}"`);
	}
}

/** Whether there was anything to read, or how the stream ended. */
type Filled = boolean | 'end' | 'ECONNRESET';

/** What has come of a stream, cut into messages. */
interface Inbox {
	/** Reads what is there. */
	fill: () => Filled;
	/** All that came. */
	all: Received[];
}

function createInbox(descriptor: number): Inbox {
	const all: Received[] = [];
	const chunk = Buffer.alloc(1 << 18);
	let rest: Buffer = Buffer.alloc(0);
	const fill = (): Filled => {
		try {
			const count = receiveBytes(descriptor, chunk, MSG_DONTWAIT);
			if (count === undefined) {
				return false;
			}
			if (count === 0) {
				return 'end';
			}
			rest = Buffer.concat([rest, chunk.subarray(0, count)]);
		} catch (error) {
			if (isSystemError(error, 'ECONNRESET')) {
				return 'ECONNRESET';
			}
			throw error;
		}
		const cut = takeMessages(rest);
		all.push(...cut.messages);
		rest = cut.rest;
		return true;
	};
	return { fill, all };
}

/** Of the bus itself: a signal, or an answer to what was said to it and nobody waits for. */
function isOfBus(message: Received, told: ReadonlySet<number>): boolean {
	return (
		fieldText(message, 'sender') === driver &&
		(message.type === messageType.signal || told.has(replySerialOf(message)))
	);
}

function waitForEnd(descriptor: number, drain: () => Filled): 'end' | 'ECONNRESET' {
	for (;;) {
		const filled = drain();
		if (typeof filled === 'string') {
			return filled;
		}
		waitFor(descriptor, POLLIN, 'the end of the stream');
	}
}

/**
 * The part of a client that reads.
 * @param told serials of calls of the bus whose answers nobody waits for
 */
function createReader(descriptor: number, told: ReadonlySet<number>) {
	const inbox = createInbox(descriptor);
	/** Those of the messages that the test hasn't been given. */
	let unread: Received[] = [];
	let seen = 0;
	const sort = (): void => {
		const fresh = inbox.all.slice(seen);
		seen = inbox.all.length;
		unread.push(...fresh.filter((message) => !isOfBus(message, told)));
	};
	const take = (wanted: (message: Received) => boolean, what: string): Received => {
		for (;;) {
			const found = unread.find(wanted);
			if (found !== undefined) {
				unread = unread.filter((message) => message !== found);
				return found;
			}
			const filled = inbox.fill();
			sort();
			if (typeof filled === 'string') {
				throw new Error(`${what}: the stream ended before it came (${filled})`);
			}
			if (!filled) {
				waitFor(descriptor, POLLIN, what);
			}
		}
	};
	const drain = (): Filled => {
		let filled = inbox.fill();
		while (filled === true) {
			filled = inbox.fill();
		}
		sort();
		return filled;
	};
	return {
		take,
		drain,
		arrived: (): readonly Received[] => inbox.all,
		waiting: (): Received[] => {
			drain();
			return unread;
		},
		waitForEnd: () => waitForEnd(descriptor, drain),
	};
}

/**
 * The part of a client that talks with the bus itself.
 * @param told receives the serials of calls whose answers nobody waits for
 */
function createCaller(
	descriptor: number,
	{ take }: ReturnType<typeof createReader>,
	told: Set<number>,
) {
	let serial = 0;
	const nextSerial = (): number => {
		serial += 1;
		return serial;
	};
	const call = (flags: number, member: string, args: Argument[]): number => {
		sendWhole(descriptor, busCall(nextSerial(), member, args, flags));
		return serial;
	};
	return {
		nextSerial,
		ask: (member: string, ...args: Argument[]): Result => {
			const asked = call(0, member, args);
			const answers = (message: Received): boolean =>
				replySerialOf(message) === asked && fieldText(message, 'sender') === driver;
			return readResult(member, take(answers, `the answer to ${member}`));
		},
		tell: (flags: number, member: string, args: Argument[]): number => {
			told.add(serial + 1);
			return call(flags, member, args);
		},
	};
}

/** How a client says who it is. */
function introduction(user: User | undefined): string {
	const uid = Buffer.from(`${user?.uid ?? 0}`).toString('hex');
	return `\0AUTH EXTERNAL ${uid}\r\n`;
}

/** Says who the client is, and what it can do. */
function authenticate(descriptor: number, { user, descriptors }: PeerOptions): void {
	converse(descriptor, introduction(user), 'OK ');
	if (descriptors === true) {
		converse(descriptor, 'NEGOTIATE_UNIX_FD\r\n', 'AGREE_UNIX_FD');
	}
	sendWhole(descriptor, Buffer.from('BEGIN\r\n'));
}

/**
 * Connects to a bus, says at once all up to Hello and some bytes besides, and never reads. The
 * connection ends with the test.
 * @param path the listener's path
 */
export function connectAndSend(
	t: Teardown,
	path: string,
	options: Pick<PeerOptions, 'user' | 'family'>,
	bytes: Uint8Array,
): void {
	const descriptor = openAs(options, path);
	t.teardown(() => {
		closeDescriptor(descriptor);
		return Promise.resolve();
	});
	const words = Buffer.from(`${introduction(options.user)}BEGIN\r\n`);
	sendWhole(descriptor, Buffer.concat([words, busCall(1, 'Hello', []), bytes]));
}

/**
 * Connects to a bus and says Hello. The connection ends with the test.
 * @param path the listener's path
 */
export function connectPeer(t: Teardown, path: string, options: PeerOptions = {}): Peer {
	const descriptor = openAs(options, path);
	authenticate(descriptor, options);
	const told = new Set<number>();
	const reader = createReader(descriptor, told);
	const { nextSerial, ask, tell } = createCaller(descriptor, reader, told);
	let open = true;
	const close = (): void => {
		if (open) {
			closeDescriptor(descriptor);
		}
		open = false;
	};
	t.teardown(() => {
		close();
		return Promise.resolve();
	});
	const name = String(ask('Hello'));
	return {
		name,
		descriptor,
		nextSerial,
		send: (bytes) => {
			sendWhole(descriptor, bytes);
		},
		sendSome: (bytes) => sendBytes(descriptor, bytes) ?? 0,
		receive: () => reader.take(() => true, `the next message for ${name}`),
		waiting: reader.waiting,
		arrived: reader.arrived,
		waitForEnd: reader.waitForEnd,
		hasEnded: () => typeof reader.drain() === 'string',
		ask,
		tell: (member, ...args) => tell(0, member, args),
		notify: (member, ...args) => tell(noReplyExpected, member, args),
		close,
	};
}
