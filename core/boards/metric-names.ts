/** What a score event carries beside its metrics. */
export const NOT_FOR_METRICS = ['id', 'player', 'kind', 'board'];
