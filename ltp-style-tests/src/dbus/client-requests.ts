// SPDX-License-Identifier: GPL-2.0-only
import type { Argument, Result } from './message.js';

/** What a client in another process is to do. */
export type Action =
	| { do: 'connect'; path: string }
	| { do: 'call' | 'send'; member: string; args: Argument[] }
	| { do: 'setReading'; reading: boolean }
	| { do: 'close' };

/** The answer has the same number. */
export type Request = Action & { number: number; client: number };

/** What came of a request. */
export interface Answer {
	number: number;
	result: Result;
}

function isObjectWith(value: unknown, member: string): boolean {
	return typeof value === 'object' && value !== null && member in value;
}

/** Whether it is a request: both ends are of the same build, so this is enough to know one by. */
export function isRequest(message: unknown): message is Request {
	return isObjectWith(message, 'do');
}

/** Whether it is an answer of a process with clients. */
export function isAnswer(message: unknown): message is Answer {
	return isObjectWith(message, 'result');
}
