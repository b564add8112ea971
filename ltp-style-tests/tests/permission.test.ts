// SPDX-License-Identifier: GPL-2.0-only
// Several subjects in one file for AVA: to start another takes seconds in the guest. Yama's come
// last, as they change what the whole machine shares.
import './permission.js';
import './programs.js';
import './exec.js';
import './yama.js';
