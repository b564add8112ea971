// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url';

/** The folder with the kernel's reader of D-Bus messages: message.c, message.h, message_test.c. */
export const messageSources = fileURLToPath(
	new URL('../../../kernel-patches/af-dbus-parts/net/dbus', import.meta.url),
);
