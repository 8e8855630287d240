"""The taint engine: one forward abstract interpretation of each reached function, summarised for its callers.

symbols  what a value is made of: where it was born and which path was taken from there
values   abstract values: a linear term, the symbols it derives from, what it points to, how it got here
numbers  what is known of linear terms: upper bounds, intervals, proofs
state    memory and knowledge at one point of a function, joins and widening
events   what a function does that a rule may ask for, and the summary that callers see
frame    one function under analysis: its variables, types and steps
evaluate values and places of the IR in a state
refine   what a branch proves
transfer what an operation does to a state
calls    what a call does: models, boundary proxies, summaries, the policy for unknown callees
engine   functions to a fixed point, callees first
"""
