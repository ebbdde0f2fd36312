/** What a score event carries beside its metrics, and what no request may name as every object has it. */
export const NOT_FOR_METRICS = ['id', 'player', 'kind', 'board', 'constructor', 'prototype'];
