// SPDX-License-Identifier: GPL-2.0-only

/**
 * The lines of a TAP diagnostic block, indented as it was. Empty for none.
 * @param value what the YAML block held: objects of objects and strings
 */
export function dump(value: unknown): string[] {
	if (value === null || value === undefined) {
		return [];
	}
	if (typeof value !== 'object') {
		return scalarText(value).split('\n');
	}
	return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
		const lines = dump(inner);
		const [only = ''] = lines;
		return typeof inner !== 'object' && lines.length <= 1
			? [`${key}: ${only}`]
			: [`${key}:`, ...lines.map((line) => `  ${line}`)];
	});
}

function scalarText(value: unknown): string {
	return typeof value === 'string' ? value.trimEnd() : String(value);
}
