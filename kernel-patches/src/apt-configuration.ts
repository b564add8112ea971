// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { run } from './run.js';

/** apt's settings by name in small letters, such as `acquire::http::proxy`. */
export type AptConfiguration = ReadonlyMap<string, string>;

/** Parses what `apt-config dump` printed: lines such as `Acquire::http::Proxy "http://…";`. */
export function parseAptConfiguration(text: string): AptConfiguration {
	return new Map(
		Array.from(text.matchAll(/^(\S+) "(.*)";$/gm), (match) => [
			(match[1] ?? '').toLowerCase(),
			match[2] ?? '',
		]),
	);
}

/** Asks apt for its settings. */
export async function readAptConfiguration(): Promise<AptConfiguration> {
	return parseAptConfiguration(await run('apt-config', ['dump']));
}

/**
 * Resolves a path of apt's configuration: each level is relative to the one above it, and
 * everything to `Dir`; see apt.conf(5), directories.
 */
export function aptPath(configuration: AptConfiguration, name: string): string {
	const levels = name.split('::');
	const values = levels.map((_level, index) => {
		return (
			configuration.get(
				levels
					.slice(0, index + 1)
					.join('::')
					.toLowerCase(),
			) ?? ''
		);
	});
	return path.resolve('/', ...values);
}
