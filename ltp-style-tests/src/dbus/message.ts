// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a client says to the bus itself, and reads in its answers.
 */
import {
	createWriter,
	encodeMessage,
	fieldCode,
	fieldText,
	messageType,
	readU32,
	type ByteOrder,
	type Received,
} from './wire.js';

/** An argument of a method of the bus itself: a string, a number of 32 bits, or strings. */
export type Argument = string | number | readonly string[];

/** What a method of the bus returned: its only argument, or that it gave an error. */
export type Result = string | number | string[] | Error;

/** The bus's own name, which its interface has too. */
export const driver = 'org.freedesktop.DBus';

/** Which interface of the bus a method is of that isn't of the one with the bus's name. */
const interfaces: ReadonlyMap<string, string> = new Map([
	['BecomeMonitor', `${driver}.Monitoring`],
]);

function typeOf(argument: Argument): string {
	return typeof argument === 'string' ? 's' : typeof argument === 'number' ? 'u' : 'as';
}

/** A call of a method of the bus itself, in the byte order of what clients here are written for. */
export function busCall(
	serial: number,
	member: string,
	args: readonly Argument[],
	flags = 0,
): Buffer {
	const signature = args.map(typeOf).join('');
	const writer = createWriter('little');
	for (const arg of args) {
		if (typeof arg === 'string') {
			writer.text(arg);
		} else if (typeof arg === 'number') {
			writer.u32(arg);
		} else {
			writer.array(4, () => {
				arg.forEach(writer.text);
			});
		}
	}
	return encodeMessage({
		type: messageType.call,
		flags,
		serial,
		fields: [
			{ code: fieldCode.path, type: 'o', value: '/org/freedesktop/DBus' },
			{ code: fieldCode.interface, type: 's', value: interfaces.get(member) ?? driver },
			{ code: fieldCode.member, type: 's', value: member },
			{ code: fieldCode.destination, type: 's', value: driver },
			...(signature === ''
				? []
				: [{ code: fieldCode.signature, type: 'g', value: signature } as const]),
		],
		body: writer.bytes(),
	});
}

/** A string in a body, at or behind a place, and the place behind it. */
export function readText(
	body: Buffer,
	at: number,
	order: ByteOrder,
): [value: string, next: number] {
	const start = Math.ceil(at / 4) * 4 + 4;
	const end = start + readU32(body, start - 4, order);
	return [body.toString('utf8', start, end), end + 1];
}

function readTexts(body: Buffer, order: ByteOrder): string[] {
	const end = 4 + readU32(body, 0, order);
	const strings: string[] = [];
	for (let at = 4; at < end;) {
		const [value, next] = readText(body, at, order);
		strings.push(value);
		at = next;
	}
	return strings;
}

/**
 * The first argument of a message: a string, a number, or an array of strings; '' where none is.
 * @throws Error that quotes the signature if it is of another type
 */
export function readArgument(message: Received): string | number | string[] {
	const { body, order } = message;
	const signature = fieldText(message, 'signature') ?? '';
	switch (signature) {
		case '': {
			return '';
		}
		case 's': {
			return readText(body, 0, order)[0];
		}
		case 'b':
		case 'u': {
			return readU32(body, 0, order);
		}
		case 'as': {
			return readTexts(body, order);
		}
		default: {
			throw new Error(`expected the signature s, b, u, as or none, got "${signature}"`);
		}
	}
}

/** What a reply of the bus says. */
export function readResult(member: string, reply: Received): Result {
	return reply.type === messageType.error
		? new Error(`${member} gave ${fieldText(reply, 'errorName') ?? 'an error'}`)
		: readArgument(reply);
}
