// SPDX-License-Identifier: GPL-2.0-only
import { UserError } from '../user-error.js';

/** Somebody to whom or from whom mails go. */
export interface Address {
	/** Empty for a list. */
	name: string;
	/** Such as `ada@example.org`. */
	address: string;
}

/** Takes `Name <address>`, `"Name" <address>` or an address alone apart; undefined if it is neither. */
export function parseAddress(text: string): Address | undefined {
	const [, quoted, plain, address, alone] =
		/^(?:(?:"([^"]*)"|([^"<>]*?))\s*<([^\s<>@]+@[^\s<>@]+)>|([^\s<>@]+@[^\s<>@]+))$/.exec(
			text.trim(),
		) ?? [];
	const found = address ?? alone;
	return found === undefined ? undefined : { name: (quoted ?? plain ?? '').trim(), address: found };
}

/**
 * The person who mails, and signs off.
 * @throws UserError for what is no name with an address that mail can reach
 */
export function parseSender(text: string): Address {
	const sender = parseAddress(text);
	if (sender === undefined || sender.name === '') {
		throw new UserError(`--from "${text}": expected "Name <address>"`);
	}
	if (/[@.](?:invalid|localhost|localdomain|example|test)$/i.test(sender.address)) {
		throw new UserError(
			`--from "${text}": no mail reaches ${sender.address}, and answers have to reach you`,
		);
	}
	return sender;
}

/** A name as RFC 2047 has it in headers, if it needs to be. */
function encodeName(name: string): string {
	if (/^[\x20-\x7e]*$/.test(name)) {
		return /^[\w !#$%&'*+/=?^`{|}~-]*$/.test(name)
			? name
			: `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
	}
	const bytes = [...Buffer.from(name)].map((byte) => {
		const character = String.fromCodePoint(byte);
		const code = byte.toString(16).toUpperCase().padStart(2, '0');
		return character === ' ' ? '_' : /[A-Za-z0-9]/.test(character) ? character : `=${code}`;
	});
	return `=?UTF-8?q?${bytes.join('')}?=`;
}

/** An address as it stands in a header. */
export function formatAddress({ name, address }: Address): string {
	return name === '' ? address : `${encodeName(name)} <${address}>`;
}

/** An address as it stands in a trailer, such as Signed-off-by. */
export function trailerAddress({ name, address }: Address): string {
	return `${name} <${address}>`;
}

/** A header field with addresses, one a line. */
export function addressField(field: 'To' | 'Cc', addresses: readonly Address[]): string[] {
	return addresses.map((address, index) => {
		const start = index === 0 ? `${field}: ` : '\t';
		return `${start}${formatAddress(address)}${index === addresses.length - 1 ? '' : ','}`;
	});
}

/** The same without repetitions; upper and lower case are the same. */
export function distinctAddresses(addresses: readonly Address[]): Address[] {
	const byAddress = new Map<string, Address>();
	for (const each of addresses) {
		const key = each.address.toLowerCase();
		byAddress.set(key, byAddress.get(key) ?? each);
	}
	return [...byAddress.values()];
}
