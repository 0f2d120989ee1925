export * from './coefficients.ts';
export * from './elements.ts';
export * from './evaluations.ts';
export * from './transform.ts';
