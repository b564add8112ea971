// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';

/** What the kernel knows of the buses of this network namespace. */
export interface Listing {
	/** The members of each bus's line, by name. */
	buses: Map<string, string>[];
	/** The members of each connection's line, by name. */
	connections: Map<string, string>[];
	/** Each name's owner, or `-`, and those who wait for it. */
	names: Map<string, string[]>;
}

function members(words: readonly string[]): Map<string, string> {
	return new Map(
		words.map((word) => {
			const [name = '', value = ''] = word.split('=');
			return [name, value];
		}),
	);
}

/** Takes the text of /proc/net/dbus apart. */
export function parseListing(text: string): Listing {
	const listing: Listing = { buses: [], connections: [], names: new Map() };
	for (const line of text.split('\n').filter((line) => line !== '')) {
		const [kind, ...words] = line.split(' ');
		if (kind === 'bus') {
			listing.buses.push(members(words.slice(1)));
		} else if (kind === 'connection') {
			listing.connections.push(members(words.slice(2)));
		} else if (kind === 'name') {
			listing.names.set(words[1] ?? '', words.slice(2));
		} else {
			throw new Error(`/proc/net/dbus has a line that begins with "${kind ?? ''}": ${line}`);
		}
	}
	return listing;
}

/** Reads what the kernel knows now. */
export async function readListing(): Promise<Listing> {
	return parseListing(await readFile('/proc/net/dbus', 'utf8'));
}
