// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names that clients ask the bus for, and give back.
 */
import { driver, readText } from './message.js';
import type { Peer } from './peer.js';
import { fieldText, type Received } from './wire.js';

/** Flags of RequestName, as the specification numbers them. */
export const allowReplacement = 1;
export const replaceExisting = 2;
export const doNotQueue = 4;

const ownerChanged = 'NameOwnerChanged';

/**
 * Has a client request a name.
 * @param flags any of those above, or 0
 * @param expected what the bus must answer, as the specification numbers it: 1 for the owner, 2
 *   for who waits for the name
 * @throws Error with the answer if it is another one
 */
export function requestName(peer: Peer, name: string, flags: number, expected: 1 | 2): void {
	const result = peer.ask('RequestName', name, flags);
	if (result !== expected) {
		throw new Error(`RequestName ${name} gave ${String(result)}, expected ${expected}`);
	}
}

/**
 * Has a client give a name back that it owns or waits for.
 * @throws Error with the bus's answer if it did neither
 */
export function releaseName(peer: Peer, name: string): void {
	const result = peer.ask('ReleaseName', name);
	if (result !== 1) {
		throw new Error(`ReleaseName ${name} gave ${String(result)}, expected 1`);
	}
}

/** That a name has a new owner, if a message says that: a signal NameOwnerChanged of the bus. */
export function readOwnerChange(
	message: Received,
): { name: string; from: string; to: string } | undefined {
	if (fieldText(message, 'sender') !== driver || fieldText(message, 'member') !== ownerChanged) {
		return undefined;
	}
	const { body, order } = message;
	const [name, behindName] = readText(body, 0, order);
	const [from, behindFrom] = readText(body, behindName, order);
	const [to] = readText(body, behindFrom, order);
	return { name, from, to };
}
