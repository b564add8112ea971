// SPDX-License-Identifier: GPL-2.0-only

/** What the bytes are thrown at: the kernel's reader alone, or the reader beside libdbus. */
export const fuzzTargets = ['message', 'differential'] as const;

export type FuzzTarget = (typeof fuzzTargets)[number];
