"""The taint engine: one forward abstract interpretation of each reached function, summarised for its callers.

symbols  what a value is made of: where it was born and which path was taken from there
values   abstract values: a linear term, the symbols it derives from, what it points to, how it got here
ranges   what types say of numbers
numbers  what is known of linear terms: upper bounds, intervals, proofs; indexed by symbol for many questions (indexed)
state    memory and knowledge at one point of a function, joins and widening; relations of what is joined (relations),
         pointers that a join merges (forks)
events   what a function does that a rule may ask for, and the summary that callers see
noted    what an event is made of, and how one stands for several places
frame    one function under analysis: its variables, types and notes; registry: where things came in
typed, widths
         the types of expressions, and the integer types that C computes in
pointing, memory, elements, containers, touches, places, evaluate, bindings
         values and places of the IR in a state, what containers of C++ hold, what references are bound to, and what is
         touched on the way
refine   what a branch proves
calls    what a call does: boundary proxies (boundary), summaries (instance, translation), models (models, sinks, spots,
         formats, padding), what searches ask (lookups), and the policy for unknown callees
         (objects)
keymaking, sealing
         bytes that are a secret because a key is made of them, or because the function seals them or uses them as a key
aggregates, bits, products, gathered
         structs as values, what masks, shifts, quotients and products say of their operands, and totals of arrays
computed, filling, raw, measured, taken
         in how many bits a length was computed, which bytes of a local are written, copies of those that are not, how
         long texts are, and what an allocation says of its size
blocks, liveness
         the order of a body's blocks, and which variables may still be read
told     how much calls tell of what their callees do
reach    what may hold something of the boundary: nothing else is worth a note
runner   one function: its states to a fixed point, then one pass over them that notes what happens
engine   functions to a fixed point, callees first; summary is what each leaves
"""
