// SPDX-License-Identifier: GPL-2.0-only
import { once } from 'node:events';
import net from 'node:net';
import { busCall, readResult, type Argument, type Result } from './message.js';
import { noReplyExpected, replySerialOf, takeMessages, type Received } from './wire.js';

/** A client that talks to the bus itself. */
export interface BusClient {
	/** Its unique name. */
	name: string;
	call: (member: string, ...args: Argument[]) => Promise<Result>;
	/** Calls, and says that no reply is expected. */
	send: (member: string, ...args: Argument[]) => Promise<void>;
	/** Doesn't read what the daemon writes, until it is told to again. */
	setReading: (reading: boolean) => Promise<void>;
	close: () => Promise<void>;
}

/** Authenticates by the uid that the kernel knows anyway; returns the bytes after the last line. */
async function authenticate(socket: net.Socket): Promise<Buffer> {
	const uid = Buffer.from(`${process.getuid?.() ?? 0}`).toString('hex');
	socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
	let answer = Buffer.alloc(0);
	while (!answer.includes('\r\n')) {
		const events: unknown[] = await once(socket, 'data');
		answer = Buffer.concat([answer, ...events.filter((data) => Buffer.isBuffer(data))]);
	}
	if (!answer.toString().startsWith('OK ')) {
		throw new Error(`expected the daemon to say OK, it said "${answer.toString().trim()}"`);
	}
	socket.write('BEGIN\r\n');
	return answer.subarray(answer.indexOf('\r\n') + 2);
}

/** Gives the whole messages in what is received to a function. */
function readMessages(socket: net.Socket, first: Buffer, take: (message: Received) => void): void {
	let received = first;
	socket.on('data', (data: Buffer) => {
		const { messages, rest } = takeMessages(Buffer.concat([received, data]));
		received = rest;
		messages.forEach(take);
	});
}

/**
 * Connects to a bus and says Hello.
 * @param path the listener's path
 */
export async function connectToBus(path: string): Promise<BusClient> {
	const socket = net.connect(path);
	await once(socket, 'connect');
	const waiting = new Map<number, (message: Received) => void>();
	// A daemon that drops a client would leave its calls without an answer for ever.
	socket.on('close', () => {
		if (waiting.size > 0) {
			throw new Error(`the daemon dropped a client that awaits ${waiting.size} answers`);
		}
	});
	readMessages(socket, await authenticate(socket), (message) => {
		const serial = replySerialOf(message);
		waiting.get(serial)?.(message);
		waiting.delete(serial);
	});
	let serial = 0;
	const call = async (member: string, ...args: Argument[]): Promise<Result> => {
		serial += 1;
		const reply = new Promise<Received>((resolve) => waiting.set(serial, resolve));
		socket.write(busCall(serial, member, args));
		return readResult(member, await reply);
	};
	const send = (member: string, ...args: Argument[]): Promise<void> => {
		serial += 1;
		socket.write(busCall(serial, member, args, noReplyExpected));
		return Promise.resolve();
	};
	const setReading = (reading: boolean): Promise<void> => {
		if (reading) {
			socket.resume();
		} else {
			socket.pause();
		}
		return Promise.resolve();
	};
	const close = (): Promise<void> => {
		socket.destroy();
		return Promise.resolve();
	};
	return { name: String(await call('Hello')), call, send, setReading, close };
}
