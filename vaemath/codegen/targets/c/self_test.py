"""The self-test at the end of an emitted C file: its gradients against central differences."""

from __future__ import annotations

from vaemath.codegen.program import Program
from vaemath.codegen.self_test import example

START = "#ifdef SELF_TEST\n"
_SIZE = 2


def c_self_test(program: Program) -> str:
    """`main`, compiled with -DSELF_TEST."""
    name = program.name
    count = len(program.arguments)
    rows = "".join(
        f"        {{{values.strip('[]')}}},\n"
        for values in (example(k, a) for k, a in enumerate(program.arguments))
    )
    sizes = (
        [str(_SIZE)]
        if program.elementwise
        else ["1", *(str(_SIZE) for _ in {a.event for a in program.arguments})]
    )
    options = [str(default) for _, default in program.options]
    inputs = ", ".join(["1", *sizes, *(f"example[{k}]" for k in range(count)), *options])
    slopes = ", ".join(f"slope[{k}]" for k in range(count))
    total = "value[0] + value[1]" if program.elementwise else "value[0]"
    return f"""{START}#include <stdio.h>

int main(void)
{{
    double example[{count}][{_SIZE}] = {{
{rows}    }};
    double value[{_SIZE}], slope[{count}][{_SIZE}];
    {name}_both_f64({inputs}, value, {slopes});
    for (int k = 0; k < {count}; k++)
        for (int i = 0; i < {_SIZE}; i++) {{
            const double before = example[k][i];
            double difference = 0;
            for (int sign = -1; sign <= 1; sign += 2) {{
                example[k][i] = before + sign * 1e-6;
                {name}_value_f64({inputs}, value);
                difference += sign * ({total});
            }}
            example[k][i] = before;
            if (!(fabs(difference - 2e-6 * slope[k][i]) < 1e-12)) {{
                printf("{name}: gradient %d, entry %d is wrong\\n", k, i);
                return 1;
            }}
        }}
    printf("{name}: the gradients agree with central differences\\n");
    return 0;
}}
#endif
"""
