// SPDX-License-Identifier: GPL-2.0-only
/*
 * What clients say to each other: calls, replies and signals of a kind.
 */
import { isSystemError } from '@fastipc/syscall-bindings';
import type { Peer } from './peer.js';
import {
	encodeMessage,
	fieldCode,
	fieldText,
	messageType,
	replySerialOf,
	type ByteOrder,
	type HeaderField,
	type Received,
} from './wire.js';

/** What makes messages alike for a policy, and for the kernel: what isn't there counts too. */
export interface Kind {
	/** A call where left out. */
	type?: 'call' | 'signal';
	destination?: string | undefined;
	path?: string | undefined;
	interface?: string | undefined;
	member?: string | undefined;
}

/** What may differ between messages of a kind. */
export interface Particulars {
	order?: ByteOrder;
	flags?: number;
	/** Of the body; none where there is no body. */
	signature?: string;
	body?: Buffer;
	/** Fields besides, behind all others. */
	fields?: readonly HeaderField[];
}

/** A kind of calls to somebody. */
export function callKind(destination: string, more: Kind = {}): Kind {
	const usual = { path: '/org/example/Object', interface: 'org.example.Interface', member: 'Do' };
	return { ...usual, destination, ...more };
}

function signatureField(signature = ''): HeaderField[] {
	return signature === '' ? [] : [{ code: fieldCode.signature, type: 'g', value: signature }];
}

/** A message of a kind. */
export function encodeKind(kind: Kind, serial: number, particulars: Particulars = {}): Buffer {
	const { type = 'call', ...texts } = kind;
	const { signature, fields = [], ...rest } = particulars;
	const names = ['path', 'interface', 'member', 'destination'] as const;
	return encodeMessage({
		...rest,
		type: messageType[type],
		serial,
		fields: [
			...names.flatMap((name): HeaderField[] => {
				const value = texts[name];
				const fieldType = name === 'path' ? 'o' : 's';
				return value === undefined ? [] : [{ code: fieldCode[name], type: fieldType, value }];
			}),
			...signatureField(signature),
			...fields,
		],
	});
}

/** What a reply is to whom. */
export interface ReplyTo {
	destination: string;
	replySerial: number;
	/** An error of that name; else a method's return. */
	error?: string;
}

/** A reply. */
export function encodeReply(
	{ destination, replySerial, error }: ReplyTo,
	serial: number,
	{ signature, fields = [], ...rest }: Particulars = {},
): Buffer {
	return encodeMessage({
		...rest,
		type: error === undefined ? messageType.return : messageType.error,
		serial,
		fields: [
			{ code: fieldCode.destination, type: 's', value: destination },
			{ code: fieldCode.replySerial, type: 'u', value: replySerial },
			...(error === undefined
				? []
				: [{ code: fieldCode.errorName, type: 's', value: error } as const]),
			...signatureField(signature),
			...fields,
		],
	});
}

/** Sends a message of a kind, and returns its serial. */
export function sendKind(from: Peer, kind: Kind, particulars: Particulars = {}): number {
	const serial = from.nextSerial();
	from.send(encodeKind(kind, serial, particulars));
	return serial;
}

/** To whom a message that came is to be replied. */
export function replyTo(message: Received): ReplyTo {
	return { destination: fieldText(message, 'sender') ?? '', replySerial: message.serial };
}

/** Replies to a message that came; returns the reply's serial. */
export function sendReply(from: Peer, to: Received, particulars: Particulars = {}): number {
	const serial = from.nextSerial();
	from.send(encodeReply(replyTo(to), serial, particulars));
	return serial;
}

/** A message in words, for what goes wrong. */
export function describeMessage(message: Received): string {
	const type = Object.entries(messageType).find(([, number]) => number === message.type)?.[0];
	const texts = (['sender', 'errorName', 'path', 'interface', 'member'] as const)
		.map((name) => fieldText(message, name))
		.filter((text) => text !== undefined);
	const reply = replySerialOf(message);
	return [type ?? `type ${message.type}`, message.serial, ...texts]
		.concat(reply === 0 ? [] : [`in reply to ${reply}`])
		.join(' ');
}

/**
 * Waits for a message, which must be that of a serial from a sender.
 * @throws Error that describes the message if it is another one, or as {@link Peer.receive}
 */
export function receiveFrom(at: Peer, sender: Peer, serial: number): Received {
	const message = at.receive();
	if (message.serial !== serial || fieldText(message, 'sender') !== sender.name) {
		throw new Error(
			`${at.name} expected message ${serial} of ${sender.name}, got ${describeMessage(message)}`,
		);
	}
	return message;
}

/**
 * Waits for a message, which must be the reply to a serial, whoever made it.
 * @throws Error that describes the message if it is another one, or as {@link Peer.receive}
 */
export function receiveReply(at: Peer, serial: number): Received {
	const message = at.receive();
	if (replySerialOf(message) !== serial) {
		throw new Error(`${at.name} expected a reply to ${serial}, got ${describeMessage(message)}`);
	}
	return message;
}

/** A message there, and for a call its reply back. */
export function exchange(from: Peer, to: Peer, kind: Kind, particulars: Particulars = {}): void {
	const serial = sendKind(from, kind, particulars);
	const message = receiveFrom(to, from, serial);
	if (message.type === messageType.call) {
		sendReply(to, message);
		receiveReply(from, serial);
	}
}

/**
 * When this returns, the daemon has done with all that the clients had sent, and they have got
 * all that came of it.
 */
export function settle(...peers: readonly Peer[]): void {
	for (let round = 0; round < 2; round++) {
		for (const peer of peers) {
			peer.ask('GetId');
		}
	}
}

/**
 * Whether the daemon still talks with a client; when it doesn't, the stream has ended.
 * @throws Error if the daemon neither answers nor ends the stream
 */
export function isServed(peer: Peer): boolean {
	try {
		peer.ask('GetId');
		return true;
	} catch (error) {
		// It may be dropped before it can ask, with something still to read.
		if (isSystemError(error, 'EPIPE') || peer.hasEnded()) {
			return false;
		}
		throw error;
	}
}

/** The errors with which it can be said that something is not allowed. */
export const accessDenied = 'org.freedesktop.DBus.Error.AccessDenied';

/**
 * Sends a message that may be denied.
 * @returns `delivered` if it arrived and nothing else did, or the name of the error, or `nothing`
 */
export function tryKind(from: Peer, to: Peer, kind: Kind, particulars: Particulars = {}): string {
	return findFate(from, to, sendKind(from, kind, particulars));
}

/** What {@link tryKind} returns, of a message that has been sent. A call is replied to. */
export function findFate(from: Peer, to: Peer, serial: number): string {
	settle(from, to);
	const arrived = to.waiting().map((message) => message.serial);
	const answers = from.waiting().map((message) => fieldText(message, 'errorName') ?? '');
	if (arrived.length > 0) {
		const message = receiveFrom(to, from, serial);
		if (message.type === messageType.call) {
			sendReply(to, message);
			receiveReply(from, serial);
		}
		return answers.length + arrived.length === 1 ? 'delivered' : 'delivered, and more';
	}
	answers.forEach(() => from.receive());
	return answers.length === 0 ? 'nothing' : answers.join(', ');
}
