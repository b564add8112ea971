// SPDX-License-Identifier: GPL-2.0-only
/*
 * A system bus on which nothing is allowed to clients among themselves but what a test says.
 */
import { driver } from './message.js';

/** All that clients may want of the bus itself, its replies too. */
export const mayTalkToBus = `<allow send_destination="${driver}"/><allow receive_sender="${driver}"/>`;

/**
 * What every client of a bus must be able to do to be a client at all: connect, own names, talk
 * with the bus, and reply when asked.
 */
const base = `<policy context="default"><allow user="*"/><allow own="*"/>
${mayTalkToBus}
<allow send_type="method_return" send_requested_reply="true"/>
<allow send_type="error" send_requested_reply="true"/>
<allow receive_type="method_return" receive_requested_reply="true"/>
<allow receive_type="error" receive_requested_reply="true"/></policy>`;

/** Rules for whom they hold. */
export interface Policy {
	/** Elements such as `<deny send_member="Ping"/>`, of which the last that matches counts. */
	rules: string;
	/** For a user, by his name. */
	user?: string;
	/** For a group, by its name. */
	group?: string;
}

function policyElement({ rules, user, group }: Policy): string {
	const whom =
		user === undefined
			? group === undefined
				? 'context="default"'
				: `group="${group}"`
			: `user="${user}"`;
	return `<policy ${whom}>${rules}</policy>`;
}

/**
 * What is inside of `<busconfig>`, except for the listeners.
 * @param more elements besides, such as limits
 */
export function systemConfiguration(policies: readonly Policy[], more = ''): string {
	return `<type>system</type><auth>EXTERNAL</auth>${base}${policies.map(policyElement).join('')}${more}`;
}

/** All that clients may want to send, and to receive. */
export const mayCall = '<allow send_type="method_call"/>';
export const maySignal = '<allow send_type="signal"/>';
export const mayBeCalled = '<allow receive_type="method_call"/>';
export const mayBeSignalled = '<allow receive_type="signal"/>';
export const mayAll = mayCall + maySignal + mayBeCalled + mayBeSignalled;
