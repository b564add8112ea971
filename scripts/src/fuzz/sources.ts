// SPDX-License-Identifier: GPL-2.0-only
import { findSeries, writeSeriesFiles } from '@fastipc/kernel-patches';
import { nativePath } from '@fastipc/native';

/**
 * Takes the kernel's reader of D-Bus messages out of the series that adds it.
 * @returns the folder with message.c, message.h and message_test.c
 */
export async function takeMessageSources(): Promise<string> {
	const folder = nativePath('dbus-sources');
	await writeSeriesFiles(await findSeries('af-dbus'), 'net/dbus', 'message', folder);
	return folder;
}
