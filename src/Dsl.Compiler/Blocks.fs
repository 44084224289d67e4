namespace Optc.Compiler

open Optc.Parser

/// One block: an instance of a `block` declaration, or one that was found.
type Block =
    {
        Name: string
        /// Where it is declared
        Span: Span
    }

/// The blocks that a model declares, and which variables are theirs. The variables are laid out before.
[<Sealed>]
type Blocks(model: Model, evaluator: Evaluator) =
    let refuse span what remedy : 'a = Errors.failWithHint "block" span what remedy
    let declarations = model.OfType<BlockEntity>() |> Array.ofSeq

    let all =
        [| for b in declarations do
               for position in 0 .. b.Domain.Count - 1 do
                   { Name = b.PlainName position
                     Span = b.Span } |]

    let owners =
        lazy
            (let owner = Array.create (model.Variables |> Array.sumBy (fun v -> v.Domain.Count)) -1
             let frame = Scope.NewFrame()
             let mutable number = 0

             let claim (v: VarEntity) k span =
                 let place = v.Offset + k

                 if owner[place] >= 0 && owner[place] <> number then
                     refuse
                         span
                         $"variable {v.QuotedName k} is in two blocks, {all[owner[place]].Name} and {all[number].Name}"
                         "a block has its variables to itself: a variable that several blocks use belongs to none of them, and is shared"

                 owner[place] <- number

             for b in declarations do
                 let members =
                     [ for indexing, e in b.Members do
                           let v, each =
                               NamedVariables.compile model evaluator "block" "a block is made of variables" "name variables behind the colon" b.Scope indexing e

                           v, each, e.Span ]

                 for position in 0 .. b.Domain.Count - 1 do
                     let mutable claimed = 0

                     if b.Arity > 0 then
                         b.Domain.CopyTo(position, frame, 0)

                     for v, each, span in members do
                         each frame (fun k ->
                             claim v k span
                             claimed <- claimed + 1)

                     if claimed = 0 then
                         refuse b.Span $"block {all[number].Name} has no variables" "leave it out of the indexing, or give it the variables that are its own"

                     number <- number + 1

             owner)

    member _.All = all
    /// For each declared variable the number of its block, -1 for shared ones
    member _.OwnerOf: int[] = owners.Value
