/**
 * Meter algorithms in the order of their numbers at the native boundary: single rate three colour (RFC 2697), two rate three colour
 * (RFC 2698), two rate three colour with excess (RFC 4115). All colour-blind.
 */
export const meterKinds = ['srtcm', 'trtcm', 'trtcm_rfc4115'] as const;
export type MeterKind = (typeof meterKinds)[number];

export const meterUnits = ['kbps', 'pktps'] as const;
export type MeterUnit = (typeof meterUnits)[number];

/** What happens to a packet of a colour. */
export const meterVerdicts = ['pass', 'drop', 'dscp_remark'] as const;
export type MeterVerdict = (typeof meterVerdicts)[number];

/**
 * A meter as people and the API write it, in one of two forms: OpenFlow's bands (section 5.7.1: a packet over the highest rate that it
 * exceeds gets that band's type), or an RFC's parameters by name.
 */
export type MeterText = BandMeterText | ColourMeterText;

export interface BandMeterText {
  /** 1 to 0xffff0000, of the owner's own. */
  readonly meter: number;
  readonly unit: MeterUnit;
  /** One or two, of falling severity: at most one `drop`, which has the higher rate, and one `dscp_remark`. */
  readonly bands: readonly BandText[];
}

export interface BandText {
  readonly type: 'drop' | 'dscp_remark';
  /** In the meter's unit. */
  readonly rate: number;
  /** Kilobits or packets; what the rate lets through in a second where left out. */
  readonly burst_size?: number;
  /** Of dscp_remark: the DSCP that a packet gets. */
  readonly dscp?: number;
}

export interface ColourMeterText {
  readonly meter: number;
  readonly kind: MeterKind;
  readonly unit: MeterUnit;
  /** Committed rate in the meter's unit, and burst in kilobits or packets. */
  readonly cir: number;
  readonly cbs: number;
  /** Of srtcm: the excess burst. */
  readonly ebs?: number;
  /** Of trtcm: the peak rate and burst. */
  readonly pir?: number;
  readonly pbs?: number;
  /** Of trtcm_rfc4115: the excess rate, with `ebs`. */
  readonly eir?: number;
  /** `pass` where left out. */
  readonly yellow?: MeterVerdict;
  readonly yellow_dscp?: number;
  /** `drop` where left out. */
  readonly red?: MeterVerdict;
  readonly red_dscp?: number;
}

/** A meter in canonical form. Rates are bytes or packets per second, bursts bytes or packets. */
export interface Meter {
  readonly meter: number;
  readonly kind: MeterKind;
  readonly unit: MeterUnit;
  readonly cir: bigint;
  readonly cbs: bigint;
  /** srtcm: 0; trtcm: PIR; trtcm_rfc4115: EIR. */
  readonly secondRate: bigint;
  /** srtcm and trtcm_rfc4115: EBS; trtcm: PBS. */
  readonly secondBurst: bigint;
  readonly yellow: ColourVerdict;
  readonly red: ColourVerdict;
}

export interface ColourVerdict {
  readonly verdict: MeterVerdict;
  /** Of dscp_remark. */
  readonly dscp: number;
}

export const maxMeterId = 0xffff_0000;
