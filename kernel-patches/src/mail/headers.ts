// SPDX-License-Identifier: GPL-2.0-only
import { addressField, formatAddress, type Address } from './address.js';
import type { Recipients } from './recipients.js';

/** What a mail's header says besides its subject. */
export interface MailHeader {
	sender: Address;
	recipients: Recipients;
	/** With its angle brackets. */
	messageId: string;
	/** The mail that this one answers. */
	inReplyTo: string | undefined;
}

/** Splits a mail's header into fields, each with the lines that it goes on in. */
function splitFields(header: string): string[] {
	return header.split(/\n(?![ \t])/);
}

/** Puts the fields of the header into a mail as format-patch wrote it. */
export function withHeader(text: string, header: MailHeader): string {
	const end = text.indexOf('\n\n');
	const fields = splitFields(text.slice(0, end));
	const kept = fields.filter(
		(field) => !/^(?:From |(?:From|To|Cc|Message-ID|In-Reply-To|References):)/i.test(field),
	);
	const { sender, recipients, messageId, inReplyTo } = header;
	const lines = [
		// Not a field: it begins the mail in a mailbox.
		...fields.filter((field) => field.startsWith('From ')),
		`From: ${formatAddress(sender)}`,
		...kept,
		...addressField('To', recipients.to),
		...addressField('Cc', recipients.cc),
		`Message-ID: ${messageId}`,
		...(inReplyTo === undefined ? [] : [`In-Reply-To: ${inReplyTo}`, `References: ${inReplyTo}`]),
	];
	return lines.join('\n') + text.slice(end);
}
