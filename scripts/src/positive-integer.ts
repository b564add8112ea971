// SPDX-License-Identifier: GPL-2.0-only
import { InvalidArgumentError } from 'commander';

/**
 * Reads the word of an option that wants a whole number from 1 on.
 * @throws InvalidArgumentError for any other word, which commander tells with the option's name
 */
export function positiveInteger(word: string): number {
	const number = Number(word);
	if (!Number.isSafeInteger(number) || number < 1) {
		throw new InvalidArgumentError('a whole number from 1 on is expected.');
	}
	return number;
}
