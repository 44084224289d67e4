using Optc.Runtime.Templates;

namespace Optc.Runtime.Tests.Templates;

/// <summary>Templates whose kernels are loops over a <see cref="TestExpression"/>; they allocate nothing.</summary>
public static unsafe class TestTemplates
{
    public static Template Create(
        TestExpression expression, TemplateTarget target, IndexColumn row, IndexColumn[] slots, int count, double[][]? data = null)
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
        return new Template
        {
            Name = $"{target} {expression.Name}",
            Target = target,
            InstanceCount = count,
            Row = row,
            Slots = slots,
            Data = flat,
            DataColumns = columns,
            GradientSlots = expression.GradientSlots,
            HessianPairs = expression.HessianPairs,
            IsQuadratic = expression.IsQuadratic,
            Kernels = Kernels(expression, row, slots, columns),
        };
    }

    private static TemplateKernels Kernels(TestExpression expression, IndexColumn row, IndexColumn[] slots, IndexColumn[] columns)
    {
        var arity = expression.Arity;
        int Row(KernelFrame f, int i) => row.IsAffine ? f.RowBase + (row.Step * i) : ((int*)f.RowTable)[i];
        double Evaluate(KernelFrame f, int i, Span<double> g, Span<double> h)
        {
            Span<double> u = stackalloc double[arity], p = stackalloc double[columns.Length];
            for (var k = 0; k < arity; k++)
            {
                var slot = slots[k].IsAffine ? ((int*)f.SlotBases)[k] + (slots[k].Step * i) : ((int**)f.SlotTables)[k][i];
                u[k] = ((double*)f.Point)[slot];
            }
            for (var d = 0; d < p.Length; d++)
                p[d] = ((double*)f.Data)[((int*)f.DataBases)[d] + (columns[d].Step * i)];
            return expression.Evaluate(u, p, g, h);
        }
        return new TemplateKernels
        {
            Value = (f, start, end) =>
            {
                Span<double> g = stackalloc double[arity], h = stackalloc double[arity * arity];
                for (var i = start; i < end; i++)
                    ((double*)f.Output)[Row(f, i)] += Evaluate(f, i, g, h);
            },
            FirstOrder = (f, start, end) =>
            {
                Span<double> g = stackalloc double[arity], h = stackalloc double[arity * arity];
                for (var i = start; i < end; i++)
                {
                    Evaluate(f, i, g, h);
                    for (var e = 0; e < expression.GradientSlots.Length; e++)
                        ((double*)f.Output)[((int*)f.Map)[(e * f.MapStride) + i]] += g[expression.GradientSlots[e]];
                }
            },
            SecondOrder = (f, start, end) =>
            {
                Span<double> g = stackalloc double[arity], h = stackalloc double[arity * arity];
                for (var i = start; i < end; i++)
                {
                    Evaluate(f, i, g, h);
                    var weight = ((double*)f.Weights)[Row(f, i)];
                    for (var e = 0; e < expression.HessianPairs.Length; e++)
                    {
                        var (a, b) = expression.HessianPairs[e];
                        ((double*)f.Output)[((int*)f.Map)[(e * f.MapStride) + i]] += weight * h[(a * arity) + b];
                    }
                }
            },
        };
    }
}
