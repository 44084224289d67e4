using Optc.Runtime.Templates;

namespace Optc.Runtime.Tests.Templates;

/// <summary>Templates whose kernels are loops over a <see cref="TestExpression"/>; they allocate nothing.</summary>
public static unsafe class TestTemplates
{
    /// <summary>A template; <paramref name="onRun"/> is told the name of each kernel whenever it runs.</summary>
    public static Template Create(
        TestExpression expression, TemplateTarget target, IndexColumn row, IndexColumn[] slots, int count, double[][]? data = null,
        Action<string>? onRun = null)
    {
        // Column d of the data stands at d·count; one value is uniform.
        data ??= [.. Enumerable.Range(0, expression.DataCount).Select(_ => new[] { 1.5 })];
        var flat = GC.AllocateArray<double>(data.Sum(c => c.Length), pinned: true);
        var columns = new IndexColumn[data.Length];
        var next = 0;
        for (var d = 0; d < data.Length; d++)
        {
            columns[d] = IndexColumn.Affine(next, data[d].Length > 1 ? 1 : 0);
            data[d].CopyTo(flat, next);
            next += data[d].Length;
        }
        var instances = new Instances(expression, row, slots, columns);
        Kernel Make(string name, int results, Action<Instances.Instance, double[]> compute) =>
            new(results, () => instances.Code(results, count, compute, () => onRun?.Invoke(name)));
        var (gradient, hessian) = (expression.GradientSlots, expression.HessianPairs);
        return new Template
        {
            Name = $"{target} {expression.Name}",
            Target = target,
            InstanceCount = count,
            Row = row,
            Slots = slots,
            Data = flat,
            DataColumns = columns,
            GradientSlots = gradient,
            HessianPairs = hessian,
            IsQuadratic = expression.IsQuadratic,
            Kernels = new TemplateKernels
            {
                Value = Make(nameof(TemplateKernels.Value), 1, static (at, results) => results[0] = at.Value),
                FirstOrder = Make(nameof(TemplateKernels.FirstOrder), gradient.Length, (at, results) =>
                {
                    for (var e = 0; e < gradient.Length; e++)
                        results[e] = at.Gradient[gradient[e]];
                }),
                ValueAndFirstOrder = Make(nameof(TemplateKernels.ValueAndFirstOrder), 1 + gradient.Length, (at, results) =>
                {
                    results[0] = at.Value;
                    for (var e = 0; e < gradient.Length; e++)
                        results[1 + e] = at.Gradient[gradient[e]];
                }),
                WeightedFirstOrder = Make(nameof(TemplateKernels.WeightedFirstOrder), gradient.Length, (at, results) =>
                {
                    for (var e = 0; e < gradient.Length; e++)
                        results[e] = at.Weight * at.Gradient[gradient[e]];
                }),
                SecondOrder = Make(nameof(TemplateKernels.SecondOrder), hessian.Length, (at, results) =>
                {
                    for (var e = 0; e < hessian.Length; e++)
                        results[e] = at.Weight * at.Hessian[(hessian[e].Item1 * expression.Arity) + hessian[e].Item2];
                }),
                Directional = Make(nameof(TemplateKernels.Directional), gradient.Length, (at, results) =>
                {
                    for (var e = 0; e < gradient.Length; e++)
                    {
                        var along = 0.0;
                        for (var k = 0; k < expression.Arity; k++)
                            along += at.Hessian[(gradient[e] * expression.Arity) + k] * at.Direction[k];
                        results[e] = at.Weight * along;
                    }
                }),
            },
        };
    }

    /// <summary>Evaluates instances one by one from a frame.</summary>
    private sealed class Instances(TestExpression expression, IndexColumn row, IndexColumn[] slots, IndexColumn[] data)
    {
        public KernelCode Code(int results, int count, Action<Instance, double[]> compute, Action onRun)
        {
            // Few to a block, so that there are several.
            const int blockSize = 16;
            // Kernels are shared by clones on other threads.
            var perThread = new ThreadLocal<(Instance, double[])>(() => (new Instance(expression.Arity, data.Length), new double[results]));
            return new KernelCode
            {
                ResultArrays = [.. Enumerable.Range(0, results)],
                ArrayCount = results,
                BlockSize = blockSize,
                Run = (frame, start, n, block) =>
                {
                    Assert(start >= 0 && n <= blockSize && start + n <= count);
                    onRun();
                    var (instance, values) = perThread.Value;
                    const int stride = blockSize + KernelCode.History + KernelCode.Padding;
                    for (var i = 0; i < n; i++)
                    {
                        Fill(instance, frame, start + i);
                        compute(instance, values);
                        for (var e = 0; e < results; e++)
                            ((double*)block)[(e * stride) + i] = values[e];
                    }
                },
            };
        }

        private static void Assert(bool condition)
        {
            if (!condition)
                throw new InvalidOperationException("A kernel was asked for instances outside its template or block.");
        }

        private void Fill(Instance at, KernelFrame f, int i)
        {
            for (var k = 0; k < expression.Arity; k++)
            {
                var slot = slots[k].IsAffine ? ((int*)f.SlotBases)[k] + (slots[k].Step * i) : ((int**)f.SlotTables)[k][i];
                at.Slots[k] = ((double*)f.Point)[slot];
                at.Direction[k] = f.Direction == 0 ? 0 : ((double*)f.Direction)[slot];
            }
            for (var d = 0; d < data.Length; d++)
                at.Data[d] = ((double*)f.Data)[((int*)f.DataBases)[d] + (data[d].Step * i)];
            var number = row.IsAffine ? f.RowBase + ((long)row.Step * i) : ((int*)f.RowTable)[i];
            at.Weight = f.Weights == 0 ? 0 : ((double*)f.Weights)[number];
            at.Value = expression.Evaluate(at.Slots, at.Data, at.Gradient, at.Hessian);
        }

        /// <summary>One instance.</summary>
        public sealed class Instance(int arity, int dataCount)
        {
            public double[] Slots { get; } = new double[arity];

            public double[] Direction { get; } = new double[arity];

            public double[] Data { get; } = new double[dataCount];

            public double[] Gradient { get; } = new double[arity];

            public double[] Hessian { get; } = new double[arity * arity];

            public double Value { get; set; }

            public double Weight { get; set; }
        }
    }
}
