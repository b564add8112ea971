// SPDX-License-Identifier: GPL-2.0-only
// A process with clients of a bus, which does what its parent tells it.
import { connectToBus, type BusClient } from './bus-client.js';
import { isRequest, type Answer, type Request } from './client-requests.js';

const clients = new Map<number, BusClient>();

function find(number: number): BusClient {
	const client = clients.get(number);
	if (client === undefined) {
		throw new Error(`there is no client ${number} in this process`);
	}
	return client;
}

async function obey(request: Request): Promise<Answer['result']> {
	switch (request.do) {
		case 'connect': {
			const client = await connectToBus(request.path);
			clients.set(request.client, client);
			return client.name;
		}
		case 'call': {
			return await find(request.client).call(request.member, ...request.args);
		}
		case 'send': {
			await find(request.client).send(request.member, ...request.args);
			return '';
		}
		case 'setReading': {
			await find(request.client).setReading(request.reading);
			return '';
		}
		case 'close': {
			await find(request.client).close();
			clients.delete(request.client);
			return '';
		}
	}
}

process.on('message', (request: unknown) => {
	if (!isRequest(request)) {
		throw new Error(`expected a request, got ${JSON.stringify(request)}`);
	}
	obey(request).then(
		(result) => process.send?.({ number: request.number, result } satisfies Answer),
		(error: unknown) => {
			throw error;
		},
	);
});
