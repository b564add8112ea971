// SPDX-License-Identifier: GPL-2.0-only
// Several subjects in one file for AVA: to start another takes seconds in the guest.
import '../../src/dbus/mount-unpacked.js';

import './bindings.js';
import './names.js';
import './policy-changes.js';
import './policy.js';
import './programs.js';
