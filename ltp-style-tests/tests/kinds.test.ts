// SPDX-License-Identifier: GPL-2.0-only
// Several subjects in one file for AVA: to start another takes seconds in the guest.
import './memory.js';
import './driver-pages.js';
import './file-memory.js';
import './reclaimed-memory.js';
import './special-memory.js';
import './split-huge-pages.js';
import './userfaults.js';
import './page-tracking.js';
import './fast-path.js';
import './large-copies.js';
