/*! Copyright 2026 Fonticons, Inc. - https://webawesome.com/license */
import {
  WaDivider
} from "../../chunks/chunk.ONMWPE2G.js";
import "../../chunks/chunk.B3QSBNFD.js";
import "../../chunks/chunk.RWNXKUCF.js";
import "../../chunks/chunk.PZAN6FPN.js";
import "../../chunks/chunk.LBLI4KS5.js";
import "../../chunks/chunk.TLFIX76K.js";
import "../../chunks/chunk.BKE5EYM3.js";
import "../../chunks/chunk.JHZRD2LV.js";
export {
  WaDivider as default
};
