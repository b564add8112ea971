// SPDX-License-Identifier: GPL-2.0-only
// Several subjects in one file for AVA: to start another takes seconds in the guest.
import './faults.js';
import './partial.js';
import './compat.js';
import './injected-faults.js';
