namespace Optc.Compiler

open System
open System.Collections.Generic
open System.Linq.Expressions
open Optc.Runtime.Native
open Optc.Runtime.Templates

type private E = Expression

/// Compiles programs to machine code through System.Linq.Expressions, for registers of a given width. Only this module
/// knows how instructions are emitted.
module Emit =
    let private putStrided = nonNull (typeof<BlockStores>.GetMethod "Put")
    let private apply = nonNull (typeof<KernelFunction>.GetMethod "Apply")
    let private memory (name: string) = nonNull (typeof<MemoryAccess>.GetMethod name)
    let private readDouble, private readInt, private readAddress = memory "Double", memory "Int", memory "Address"
    /// Instances of a block that needs no memory
    let private endless = 1 <<< 30

    /// Instructions of a loop that is short enough to do two steps at a time
    let private shortLoop = 40

    /// A call of a function in instructions
    let private functionCost = 8

    /// Registers for constants, of sixteen
    let private constantRegisters = 8
    let private long (x: int64) : E = E.Constant x

    /// What one width of registers offers.
    let private lanes (lane: Type) =
        let type' = typedefof<Lanes<Lane1>>.MakeGenericType lane
        fun (name: string) ([<ParamArray>] arguments: E[]) -> E.Call(nonNull (type'.GetMethod name), arguments) :> E

    /// An instruction on registers, or on numbers.
    let private operation (call: string -> E[] -> E) (op: KernelOp) (x: E[]) : E =
        match op with
        | KernelOp.Add -> E.Add(x[0], x[1])
        | KernelOp.Subtract -> E.Subtract(x[0], x[1])
        | KernelOp.Multiply -> E.Multiply(x[0], x[1])
        | KernelOp.Divide -> E.Divide(x[0], x[1])
        | op -> call (string op) x

    /// Compiles a program for templates with so many instances; with a request, its results are stored as that says.
    let private compile (width: VectorWidth) (program: KernelProgram) (instanceCount: int) (request: PullRequest option) : KernelCode =
        let reach =
            match request with
            | Some request -> request.Reach
            | None -> 0

        // No wider than the template is long.
        let rec fitting w =
            if w > max 1 instanceCount then fitting (w / 2) else w

        let width = fitting (int width / 64)

        let lane =
            match width with
            | 1 -> typeof<Lane1>
            | 2 -> typeof<Lane2>
            | 4 -> typeof<Lane4>
            | _ -> typeof<Lane8>

        let call = lanes lane
        let instructions = program.Instructions
        let layout = KernelLayout(program, instanceCount, request)
        let phases, arrays, groups, cosines, blockSize = layout.Phases, layout.Arrays, layout.Groups, layout.Cosines, layout.BlockSize
        let stride = blockSize + KernelCode.History + KernelCode.Padding

        let frame = E.Parameter(typeof<KernelFrame>, "frame")
        let start = E.Parameter(typeof<int>, "start")
        let count = E.Parameter(typeof<int>, "count")
        let block = E.Parameter(typeof<int64>, "block")
        let i = E.Variable(typeof<int64>, "i")
        let locals = ResizeArray<ParameterExpression>([ i ])
        let prologue = ResizeArray<E>()

        let local (target: ResizeArray<E>) (name: string) (value: E) : E =
            let variable = E.Variable(value.Type, name)
            locals.Add variable
            target.Add(E.Assign(variable, value))
            variable

        let once name (value: E) = local prologue name value
        let field (name: string) : E = E.Field(frame, name)
        let companions = Dictionary<int, E>()

        /// A field of the frame of a part.
        let fieldOf part (name: string) : E =
            if part = 0 then
                field name
            else
                let companion =
                    match companions.TryGetValue part with
                    | true, known -> known
                    | _ ->
                        let known = once $"frame{part}" (E.ArrayIndex(field "Companions", E.Constant(part - 1)))
                        companions[part] <- known
                        known

                E.Field(companion, name)

        let read (method': Reflection.MethodInfo) (address: E) (index: E) : E = E.Call(method', address, index)
        let doubles (address: E) (index: E) : E = E.Add(address, E.Multiply(index, long 8L))
        let first = once "first" (E.Convert(start, typeof<int64>))
        let size = once "size" (E.Convert(count, typeof<int64>))
        let last = once "last" (E.Subtract(size, long (int64 width)))
        // Where the arrays begin to be filled: before 0 where the block is shorter than a register, or where places reach back.
        let low =
            if reach > 0 then
                long (int64 -reach)
            else
                once "low" (E.Condition(E.LessThan(last, long 0L), last, long 0L))
        let origin (array: int) : E = doubles block (long (int64 array * int64 stride))
        let arrayAddress = Dictionary<int, E>()

        for pair in arrays do
            arrayAddress[pair.Key] <- once $"a{pair.Value}" (origin pair.Value)

        // For affine leaves the address of the first instance's number; for tables that of its index.
        let leafOrigin k : E =
            let x = instructions[k]
            let first: E = if x.Shift = 0 then first else E.Subtract(first, long (int64 x.Shift))

            let affine (values: E) (origin: E) =
                doubles values (E.Add(origin, E.Multiply(first, long (int64 x.B))))

            let table (address: E) = E.Add(address, E.Multiply(first, long 4L)) :> E
            let row () = if x.B < 0 then table (fieldOf x.Part "RowTable") else E.Constant 0L

            match x.Op with
            | KernelOp.Slot
            | KernelOp.Direction ->
                let values = fieldOf x.Part (if x.Op = KernelOp.Slot then "Point" else "Direction")

                if x.B < 0 then
                    table (read readAddress (fieldOf x.Part "SlotTables") (long (int64 x.A)))
                else
                    affine values (read readInt (fieldOf x.Part "SlotBases") (long (int64 x.A)))
            | KernelOp.Datum -> affine (fieldOf x.Part "Data") (read readInt (fieldOf x.Part "DataBases") (long (int64 x.A)))
            | KernelOp.Weight when x.B >= 0 -> affine (fieldOf x.Part "Weights") (fieldOf x.Part "RowBase")
            | _ -> row ()

        let valuesOf k =
            fieldOf instructions[k].Part (
                match instructions[k].Op with
                | KernelOp.Slot -> "Point"
                | KernelOp.Direction -> "Direction"
                | _ -> "Weights"
            )

        // Numbers that are the same for all instances.
        let scalars = Dictionary<int, E>()
        let scalarCall = lanes typeof<Lane1>

        let rec scalar k : E =
            match scalars.TryGetValue k with
            | true, known -> known
            | _ ->
                let x = instructions[k]

                let value: E =
                    match x.Op with
                    | KernelOp.Constant -> E.Constant x.Value
                    | _ when phases.IsLeaf k -> once $"u{k}" (read readDouble (leafOrigin k) (long 0L))
                    | KernelOp.Call ->
                        once $"u{k}" (E.Call((nonNull x.Function).Scalar, phases.Arguments k |> Seq.map scalar))
                    | op ->
                        let wrapped = phases.Arguments k |> Seq.map (fun a -> scalarCall "All" [| scalar a |]) |> Seq.toArray
                        once $"u{k}" (E.Property(operation scalarCall op wrapped, "Value"))

                scalars[k] <- value
                value

        // The compiler turns every use of a constant into a load. A few are kept in registers by reading them from memory,
        // where it does not see them.
        let constants = GC.AllocateArray<float>(instructions.Length, true)
        let constantAddress = Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(constants, 0)

        let constantsInRegisters =
            let count = instructions |> Seq.filter (fun x -> x.Op = KernelOp.Constant) |> Seq.length
            count <= constantRegisters

        let constant k : E =
            constants[k] <- instructions[k].Value
            read readDouble (long (int64 constantAddress)) (long (int64 k))

        let addresses = Dictionary<int, E>()

        let leafAddress k : E =
            match addresses.TryGetValue k with
            | true, known -> known
            | _ ->
                let known = once $"p{k}" (leafOrigin k)
                addresses[k] <- known
                known

        /// The register with a leaf's values at i, by the name that a loop has for an address.
        let load (near: E -> E) k : E =
            let x = instructions[k]
            let address = near (leafAddress k)

            if x.B < 0 then
                let values =
                    let name = string x.Op

                    let key = -1 - (32 * x.Part + int x.Op)

                    match addresses.TryGetValue key with
                    | true, known -> known
                    | _ ->
                        let known = once name (valuesOf k)
                        addresses[key] <- known
                        known

                call "Gather" [| near values; address; i |]
            elif x.B = 1 then
                call "Load" [| address; i |]
            else
                call "LoadStrided" [| address; long (int64 x.B); i |]

        let loops = ResizeArray<E>()

        let targets = Dictionary<PulledGroup, E>(HashIdentity.Reference)

        /// Address of the first place's cell.
        let groupTarget (group: PulledGroup) : E =
            let output = field (if group.Output = 0 then "Output" else "OtherOutput")
            match targets.TryGetValue group with
            | true, known -> known
            | _ ->
                let known = once "target" (doubles output (E.Add(long group.Base, E.Multiply(first, long (int64 group.Step)))))
                targets[group] <- known
                known

        /// One loop: the given instructions of a phase, and what groups take from registers.
        let addLoop p (isWanted: int -> bool) (stored: struct (PulledGroup * int[])[]) =
            let body = ResizeArray<E>()
            let isLast = p = phases.Count - 1
            let isComputedHere k = isWanted k && phases.Of k = p && not (phases.IsBlock k) && instructions[k].Op <> KernelOp.CosineOf

            // What this loop leaves to others, and what goes into that: another loop may have taken the rest over.
            let isNeeded = Array.zeroCreate<bool> instructions.Length

            for struct (_, results) in stored do
                for r in results do
                    isNeeded[r] <- true

            for k in instructions.Length - 1 .. -1 .. 0 do
                isNeeded[k] <- isNeeded[k] || (isComputedHere k && arrays.ContainsKey k)

                if isNeeded[k] && isComputedHere k && instructions[k].Op <> KernelOp.Shifted then
                    for a in phases.Arguments k do
                        isNeeded[a] <- true

            // Names of the loop's own for addresses and for registers with the same number in every lane: those that live
            // across the calls of functions would be in memory.
            let setup = ResizeArray<E>()
            let names = Dictionary<E, E>(HashIdentity.Reference)
            let registers = Dictionary<int, E>()

            let near (address: E) : E =
                match names.TryGetValue address with
                | true, known -> known
                | _ ->
                    let known = local setup "near" address
                    names[address] <- known
                    known

            // One step of the loop, at i.
            let step () =
                // Values at hand in this step.
                let here = Dictionary<int, E>()

                let rec value k : E =
                    match here.TryGetValue k with
                    | true, known -> known
                    | _ ->
                        let known: E =
                            if phases.IsUniform k then
                                if instructions[k].Op = KernelOp.Constant && not constantsInRegisters then
                                    call "All" [| scalar k |]
                                else
                                    match registers.TryGetValue k with
                                    | true, known -> known
                                    | _ ->
                                        let number = if instructions[k].Op = KernelOp.Constant then constant k else scalar k
                                        let known = local setup $"w{k}" (call "All" [| number |])
                                        registers[k] <- known
                                        known
                            elif phases.IsLeaf k && not (arrays.ContainsKey k && phases.Of k < p) then
                                local body $"v{k}" (load near k)
                            elif instructions[k].Op = KernelOp.Shifted && not (arrays.ContainsKey k && phases.Of k < p) then
                                let back = E.Subtract(i, long (int64 instructions[k].B))
                                local body $"v{k}" (call "Load" [| near arrayAddress[instructions[k].A]; back |])
                            else
                                local body $"v{k}" (call "Load" [| near arrayAddress[k]; i |])

                        here[k] <- known
                        known

                for k in 0 .. instructions.Length - 1 do
                    if isNeeded[k] && isComputedHere k then
                        if not (phases.IsUniform k) && not (phases.IsLeaf k) && instructions[k].Op <> KernelOp.Shifted then
                            let arguments = phases.Arguments k |> Seq.map value |> Seq.toArray
                            here[k] <- local body $"v{k}" (operation call instructions[k].Op arguments)

                        if arrays.ContainsKey k then
                            body.Add(call "Store" [| value k; near arrayAddress[k]; i |])

                for struct (group, results) in stored do
                    let target = near (groupTarget group)
                    body.Add(call $"Put{group.Step}" (Array.concat [ [| E.Constant(not group.Assigns) :> E |]; Array.map value results; [| target; i |] ]))

            step ()
            let advance: E = E.Assign(i, E.Add(i, long (int64 width)))

            // Counts of places are multiples of eight, so that two steps fit where the register has four lanes.
            if isLast && request.IsSome && width <= 4 && body.Count > 0 && body.Count <= shortLoop then
                body.Add advance
                step ()

            if body.Count > 0 then
                let exit = E.Label "exit"
                // Whole registers, the last one ending with the block.
                let next: E[] =
                    [| advance
                       E.IfThen(
                           E.GreaterThan(i, last),
                           E.IfThenElse(E.LessThan(i, size), E.Assign(i, last), E.Break exit)
                       ) |]

                loops.AddRange setup
                loops.Add(E.Assign(i, (if isLast && reach > 0 then long 0L else low)))
                loops.Add(E.Loop(E.Block(Seq.append body next), exit))

        for p in 0 .. phases.Count - 1 do
            if p = phases.Count - 1 then
                for struct (isWanted, stored) in layout.LastLoops() do
                    addLoop p isWanted stored
            else
                addLoop p (fun _ -> true) [||]

            for k in 0 .. instructions.Length - 1 do
                if phases.Of k = p && phases.IsBlock k then
                    let address a : E =
                        let origin = if arrays.ContainsKey a then arrayAddress[a] else leafAddress a
                        E.Convert(doubles origin low, typeof<nativeint>)

                    let length = E.Convert(E.Subtract(size, low), typeof<int>)
                    let x = instructions[k]

                    if x.Op = KernelOp.SineCosine then
                        loops.Add(E.Call(KernelFunction.SineCosine, address x.A, address k, address cosines[k], length))
                    else
                        let f = nonNull x.Function
                        let arguments = phases.Arguments k |> Seq.map address |> Seq.toList

                        match f.Block with
                        | null ->
                            let padded = List.truncate 3 (arguments @ [ arguments.Head; arguments.Head ])
                            loops.Add(E.Call(E.Constant f, apply, Seq.append padded [ address k; length ]))
                        | block -> loops.Add(E.Call(block, Seq.append arguments [ address k; length ]))

        for struct (group, results, inRegisters) in groups do
            if not inRegisters then
                let target = groupTarget group

                for r in 0 .. results.Length - 1 do
                    if results[r] >= 0 then
                        let cells = doubles target (long (int64 r))
                        loops.Add(E.Call(putStrided, E.Constant(not group.Assigns), arrayAddress[results[r]], cells, E.Constant group.Step, count))

        let all = Seq.append prologue loops
        // Code that keeps nothing need not stop either.
        let blockSize = if arrays.Count = 0 then endless else blockSize
        let compiled = E.Lambda<BlockKernel>(E.Block(locals, all), frame, start, count, block).Compile()

        KernelCode(
            Run = compiled,
            ResultArrays = (if request.IsSome then [||] else program.Results |> Array.map (fun r -> arrays[r])),
            Keeps = constants,
            Cost = (instructions |> Array.sumBy (fun x -> if x.Function = null && x.Op <> KernelOp.SineCosine then 1 else functionCost)),
            ArrayCount = arrays.Count,
            BlockSize = blockSize
        )

    /// Longer programs are not compiled: the just-in-time compiler tracks some thousand values of a method, and what is
    /// beyond lives in memory, which makes it slower than the tape (docs/compile-cost.md).
    let longestProgram = 140

    /// The compiled code of a program.
    let code (width: VectorWidth) (program: KernelProgram) (instanceCount: int) : KernelCode = compile width program instanceCount None

    /// The compiled code for stretches of cells, null where it would be too long: counts of places are multiples of 8.
    let pulled (width: VectorWidth) (specs: KernelSpec[]) (instanceCount: int) (request: PullRequest) : KernelCode | null =
        let sums = request.Groups |> Array.collect _.Sources |> Array.filter (fun sources -> sources.Length > 0)
        let program = Programs.buildSums specs request.Offsets sums

        if program.Instructions.Length > longestProgram then
            null
        else
            compile width program instanceCount (Some request)
