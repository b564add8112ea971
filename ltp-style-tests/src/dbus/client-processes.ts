// SPDX-License-Identifier: GPL-2.0-only
import type { ExecutionContext } from 'ava';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BusClient } from './bus-client.js';
import { isAnswer, type Action, type Request } from './client-requests.js';
import type { Argument, Result } from './message.js';

/** Connects to a listener of a bus, in a process of its own. */
export type ConnectElsewhere = (path: string) => Promise<BusClient>;

/**
 * Starts a process in which there can be clients, and which ends with the test.
 * @param environment variables that it has besides, such as those that give it the preload library
 */
export function startClientProcess(
	t: ExecutionContext,
	environment: Readonly<Record<string, string>>,
): ConnectElsewhere {
	const program = fileURLToPath(new URL('client-process.js', import.meta.url));
	const child = fork(program, {
		env: { ...process.env, ...environment },
		serialization: 'advanced',
	});
	t.teardown(() => child.kill());
	const waiting = new Map<number, (result: Result) => void>();
	child.on('message', (message: unknown) => {
		if (isAnswer(message)) {
			waiting.get(message.number)?.(message.result);
			waiting.delete(message.number);
		}
	});
	child.on('exit', (status) => {
		if (waiting.size > 0) {
			throw new Error(`a process of clients ended with ${status} before it had answered`);
		}
	});
	let numbers = 0;
	const ask = async (client: number, action: Action): Promise<Result> => {
		numbers += 1;
		const request: Request = { ...action, number: numbers, client };
		return await new Promise((resolve) => {
			waiting.set(request.number, resolve);
			child.send(request);
		});
	};
	let clients = 0;
	return async (path) => {
		clients += 1;
		const client = clients;
		const tell = async (action: Action): Promise<void> => {
			await ask(client, action);
		};
		return {
			name: String(await ask(client, { do: 'connect', path })),
			call: (member: string, ...args: Argument[]) => ask(client, { do: 'call', member, args }),
			send: (member: string, ...args: Argument[]) => tell({ do: 'send', member, args }),
			setReading: (reading: boolean) => tell({ do: 'setReading', reading }),
			close: () => tell({ do: 'close' }),
		};
	};
}
