namespace Optc.Compiler

open System
open Optc.Parser
open Optc.Runtime.Native
open Optc.Runtime.Templates

/// How kernels are made.
type KernelMode =
    /// Compiled where there are instances enough to pay for it, interpreted otherwise
    | Automatic
    | Interpreted
    | Compiled

/// From the instances of a shape to a template: columns that are the same are merged, the expression is simplified
/// again with what that taught, and differentiated.
module Templates =
    /// Instances from which compiling pays in a solve of about a hundred iterations (docs/compile-cost.md).
    let private compileFrom = 4096

    /// For each column the number of the first one like it.
    let private representatives (count: int) (same: int -> int -> bool) : int[] =
        Array.init count (fun k ->
            let mutable j = 0

            while j < k && not (same j k) do
                j <- j + 1

            j)

    /// A graph of the root alone, over the slots and data it really uses; their old numbers.
    let private compact (clock: CompileClock) (group: Group) : Graph * int * int[] * int[] =
        let shape = group.Shape

        let slotLike =
            representatives group.Slots.Length (fun j k ->
                shape.Slots[j].IsActive = shape.Slots[k].IsActive && group.Slots[j].SameAs group.Slots[k])

        let datumLike =
            representatives group.Data.Length (fun j k ->
                not group.IsRefreshable
                && shape.Data[j].IsAdjusted = shape.Data[k].IsAdjusted
                && group.Data[j].SameAs group.Data[k])

        clock.Template(fun () ->
            let merged = Graph()

            let root =
                (shape.Graph.CopyTo(merged, [| shape.Root |], (fun s -> merged.Slot slotLike[s]), (fun d -> merged.Datum datumLike[d])))[0]

            let needed = merged.Needed [| root |]

            /// The leaves of a kind that are needed, ascending, and the place of each among them.
            let used kind count : int[] * int[] =
                let places = Array.create count -1

                for id in 0 .. merged.Count - 1 do
                    if needed[id] && merged[id].Kind = kind then
                        places[merged[id].Index] <- 0

                let mutable next = 0

                for k in 0 .. count - 1 do
                    if places[k] = 0 then
                        places[k] <- next
                        next <- next + 1

                let numbers: int[] = Array.zeroCreate next

                for k in 0 .. count - 1 do
                    if places[k] >= 0 then
                        numbers[places[k]] <- k

                numbers, places

            let slots, slotAt = used NodeKind.SlotNode group.Slots.Length
            let data, datumAt = used NodeKind.DatumNode group.Data.Length
            let graph = Graph()

            let root =
                (merged.CopyTo(graph, [| root |], (fun s -> graph.Slot slotAt[s]), (fun d -> graph.Datum datumAt[d])))[0]

            graph, root, slots, data)

    /// All data of a template in one pinned array: uniform ones first, then the columns in the order of the instances.
    let private layoutData (group: Group) (numbers: int[]) (order: int[]) : float[] * IndexColumn[] =
        let count = group.Rows.Count

        let length =
            numbers |> Array.sumBy (fun d -> if group.Data[d].IsUniform then 1L else int64 count)

        if length > int64 Int32.MaxValue then
            raise (OverflowException "the data of one template exceed 2147483647 numbers")

        let store = GC.AllocateUninitializedArray<float>(int length, true)
        let mutable at = 0

        let columns =
            [| for d in numbers do
                   let column = group.Data[d]
                   let start = at

                   if column.IsUniform then
                       store[at] <- column.Item 0
                       at <- at + 1
                       IndexColumn.Affine(start, 0)
                   else
                       for i in 0 .. count - 1 do
                           store[at + i] <- column.Item(if order.Length = 0 then i else order[i])

                       at <- at + count
                       IndexColumn.Affine(start, 1) |]

        store, columns

    let private step (column: IndexColumn) = if column.IsAffine then column.Step else -1

    /// What `show` prints of a template.
    type Description =
        { Graph: Graph
          Root: int
          Gradient: (int * int)[]
          Hessian: (int * int * int)[]
          SlotLabels: string[]
          /// Slots that are not differentiated: what the value does not depend on as a whole (the shift of logsumexp)
          IsDetached: bool[]
          DatumLabels: string[]
          /// Where data that are written between solves stand in the template's
          AdjustedCells: int[]
          /// Where the model writes it
          Span: Span }

    /// Evaluates the data of a template again, in place, from the kept frames of its instances. Allocates nothing.
    [<Sealed>]
    type Refresh(group: Group, numbers: int[], order: int[], template: Template) =
        let hasColumns = numbers |> Array.exists (fun d -> not group.Shape.Data[d].IsUniform)

        member _.Run(frame: Frame) : unit =
            let shape = group.Shape
            let use' = shape.FrameUse
            let frames = group.Frames

            for k in 0 .. numbers.Length - 1 do
                if shape.Data[numbers[k]].IsUniform then
                    template.Data[template.DataColumns[k].Base] <- shape.Data[numbers[k]].Value frame

            for i in 0 .. (if hasColumns then template.InstanceCount else 0) - 1 do
                let source = if order.Length = 0 then i else order[i]

                for s in 0 .. use' - 1 do
                    frame[s] <- frames[source * use' + s]

                for k in 0 .. numbers.Length - 1 do
                    if not shape.Data[numbers[k]].IsUniform then
                        template.Data[template.DataColumns[k].Base + i] <- shape.Data[numbers[k]].Value frame

    // Several threads may ask for kernels of one template at a time, and its graph grows.
    let private gate = obj ()

    /// Makes the machine code of one kernel.
    [<Sealed>]
    type private TemplateCompiler(clock: CompileClock, spec: unit -> KernelSpec, program: Lazy<KernelProgram>, instanceCount: int) =
        inherit KernelCompiler()
        member _.Spec = spec ()

        override _.Compile() =
            let program = program.Value

            if program.Instructions.Length > Emit.longestProgram then
                Tape.Create(program, program.BlockSize instanceCount)
            else
                clock.Code(fun () -> Emit.code Simd.Width program instanceCount)

        override _.Pull(request, companions) =
            let others = companions |> Seq.map (fun c -> (c :?> TemplateCompiler).Spec) |> Seq.toArray
            let specs = Array.append [| spec () |] others
            clock.Code(fun () -> lock gate (fun () -> Emit.pulled Simd.Width specs instanceCount request))

    /// The template of a group. `order` permutes the instances (empty: as they came); rows are resolved by `rowOf`.
    let build (mode: KernelMode) (clock: CompileClock) (name: string) (target: TemplateTarget) (group: Group) (resolve: int -> int) (order: int[]) : Template * Description * Refresh =
        let shape = group.Shape
        let graph, root, slotNumbers, datumNumbers = compact clock group
        let isActive k = shape.Slots[slotNumbers[k]].IsActive

        let gradient, hessian =
            clock.Template(fun () ->
                let gradient = Differentiate.gradient graph isActive root
                gradient, Differentiate.hessian graph isActive gradient)

        let slots = slotNumbers |> Array.map (fun s -> group.Slots[s].Finish(resolve, order))
        let rows = group.Rows.Finish(id, order)
        let store, data = layoutData group datumNumbers order
        // Detached slots hold no derivative, but change with the point as others do.
        let hasSlot = graph.Depends(fun _ -> true)

        let hasKinks =
            let needed = graph.Needed [| root |]

            Seq.init graph.Count id
            |> Seq.exists (fun id ->
                needed[id]
                && hasSlot[id]
                && graph[id].Kind = NodeKind.OperatorNode
                && (Operators.get graph[id].Op).Nonsmooth)

        // Kernels add leaves and products of their own to their graph.
        let kernelGraph = lazy (graph.Clone())
        let steps = slots |> Array.map step
        let dataSteps = data |> Array.map step
        let count = group.Rows.Count

        let kernel (results: Lazy<int[]>) resultCount : Kernel =
            let spec =
                lazy
                    { Graph = kernelGraph.Value
                      Results = results.Value
                      Levels = [| [| root |]; Array.map snd gradient |]
                      SlotSteps = steps
                      SlotBases = slots |> Array.map _.Base
                      DatumSteps = dataSteps
                      RowStep = step rows }

            let spec () = lock gate (fun () -> spec.Value)
            let program = lazy (clock.Code(fun () -> lock gate (fun () -> Programs.build (spec ()))))
            let compiler = TemplateCompiler(clock, spec, program, count)

            match mode with
            | Interpreted -> new Kernel(resultCount, (fun () -> program.Value), count, null, false)
            | Compiled -> new Kernel(resultCount, (fun () -> program.Value), count, compiler, true)
            | Automatic -> new Kernel(resultCount, (fun () -> program.Value), count, compiler, count >= compileFrom)

        let first = gradient |> Array.map snd
        let weight = lazy (Leaves.weight kernelGraph.Value data.Length)

        let weighted (nodes: int[]) =
            nodes |> Array.map (fun node -> kernelGraph.Value.Mul(weight.Value, node))

        let second = lazy (hessian |> Array.map (fun (_, _, h) -> h) |> weighted)

        let directional =
            lazy
                (first
                 |> Differentiate.directional kernelGraph.Value isActive (Leaves.direction kernelGraph.Value slots.Length)
                 |> weighted)

        let template =
            Template(
                Name = name,
                Target = target,
                InstanceCount = group.Rows.Count,
                Row = rows,
                Slots = slots,
                Data = store,
                DataColumns = data,
                GradientSlots = Array.map fst gradient,
                HessianPairs = (hessian |> Array.map (fun (a, b, _) -> struct (a, b))),
                HasKinks = hasKinks,
                IsQuadratic = (not hasKinks && hessian |> Array.forall (fun (_, _, h) -> not hasSlot[h])),
                Kernels =
                    TemplateKernels(
                        Value = kernel (lazy [| root |]) 1,
                        FirstOrder = kernel (lazy first) first.Length,
                        ValueAndFirstOrder = kernel (lazy (Array.append [| root |] first)) (1 + first.Length),
                        WeightedFirstOrder = kernel (lazy (weighted first)) first.Length,
                        SecondOrder = kernel second hessian.Length,
                        Directional = kernel directional first.Length
                    )
            )

        template,
        { Graph = graph
          Root = root
          Gradient = gradient
          Hessian = hessian
          SlotLabels = slotNumbers |> Array.map (fun s -> shape.Slots[s].Label)
          IsDetached = Array.init slotNumbers.Length (isActive >> not)
          DatumLabels = datumNumbers |> Array.map (fun d -> shape.Data[d].Label)
          AdjustedCells = [| for k in 0 .. datumNumbers.Length - 1 do if shape.Data[datumNumbers[k]].IsAdjusted then data[k].Base |]
          Span = shape.Span },
        Refresh(group, datumNumbers, order, template)
