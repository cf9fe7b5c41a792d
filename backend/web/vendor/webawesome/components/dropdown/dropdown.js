/*! Copyright 2026 Fonticons, Inc. - https://webawesome.com/license */
import {
  WaDropdown
} from "../../chunks/chunk.LOCSL3WJ.js";
import "../../chunks/chunk.2LXKNNNE.js";
import "../../chunks/chunk.4LIBWWJL.js";
import "../../chunks/chunk.SJUGO6JB.js";
import "../../chunks/chunk.W2C46OQX.js";
import "../../chunks/chunk.BSKW43C6.js";
import "../../chunks/chunk.4ZAKP7NY.js";
import "../../chunks/chunk.MQODJ75V.js";
import "../../chunks/chunk.3NKIHICW.js";
import "../../chunks/chunk.PX3HMKF7.js";
import "../../chunks/chunk.EFKLEU6F.js";
import "../../chunks/chunk.ZWQCGLB5.js";
import "../../chunks/chunk.EV5QZWZG.js";
import "../../chunks/chunk.3H2FQERJ.js";
import "../../chunks/chunk.O6IZ4I7T.js";
import "../../chunks/chunk.RPQJAXXR.js";
import "../../chunks/chunk.RWNXKUCF.js";
import "../../chunks/chunk.JB5Y2AN3.js";
import "../../chunks/chunk.3MSWQ3RG.js";
import "../../chunks/chunk.L6CIKOFQ.js";
import "../../chunks/chunk.KWDPKKFO.js";
import "../../chunks/chunk.SLTXS4GR.js";
import "../../chunks/chunk.MEATLWHD.js";
import "../../chunks/chunk.YDQCS2HK.js";
import "../../chunks/chunk.WDIIGUNP.js";
import "../../chunks/chunk.WLKYECLX.js";
import "../../chunks/chunk.PZAN6FPN.js";
import "../../chunks/chunk.LBLI4KS5.js";
import "../../chunks/chunk.H23DVATU.js";
import "../../chunks/chunk.EFUXUR2V.js";
import "../../chunks/chunk.DL7HG4WM.js";
import "../../chunks/chunk.D5HA4OFX.js";
import "../../chunks/chunk.HOKYDFUG.js";
import "../../chunks/chunk.UDRJMWVZ.js";
import "../../chunks/chunk.KKI7M5DP.js";
import "../../chunks/chunk.HGBRCPUS.js";
import "../../chunks/chunk.YPRC5XZF.js";
import "../../chunks/chunk.TLFIX76K.js";
import "../../chunks/chunk.BKE5EYM3.js";
import "../../chunks/chunk.JHZRD2LV.js";
export {
  WaDropdown as default
};
