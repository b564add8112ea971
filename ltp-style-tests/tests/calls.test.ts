// SPDX-License-Identifier: GPL-2.0-only
// Several subjects in one file for AVA: to start another takes seconds in the guest.
// Here what any call has to keep; what kinds of memory add is in kinds.test.ts. Yama's rows come
// last, as they change what the whole machine shares.
import './arguments.js';
import './pidfd.js';
// Yama's scope is the whole machine's: what copies as a user has to be in this file, and so in turn.
import './permission.js';
import './sizes.js';
import './partial.js';
import './faults.js';
import './injected-faults.js';
import './compat.js';
import './preload.js';
import './programs.js';
import './exec.js';
import './yama.js';
