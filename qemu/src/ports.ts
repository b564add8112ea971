// SPDX-License-Identifier: GPL-2.0-only

/**
 * The virtio-serial ports between host and guest, in the order of QEMU's descriptors.
 * What travels on each is written at the top of native/src/guest-ports.h.
 */
export const portNames = ['command', 'stdin', 'stdout', 'stderr', 'verdict'] as const;

export type PortName = (typeof portNames)[number];

/** QEMU's descriptor of the first port; 0 to 2 are its own stdin, stdout and stderr. */
export const firstPortDescriptor = 3;
