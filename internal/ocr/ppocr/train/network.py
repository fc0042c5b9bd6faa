"""An ONNX network as a torch module, so that it can be trained further.

Only what recognisers of the PP-OCR kind use is known: the network is run node
by node, its constant weights are parameters, and what training has made of
them is written back into the same graph. Nothing is traced or exported.
"""

import collections

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper

from graph import folded

# From so many numbers on a constant is a weight, and not a setting.
LEAST_WEIGHTS = 8


class Network(torch.nn.Module):
    """The graph of an ONNX file. Its weights are its parameters."""

    def __init__(self, file):
        super().__init__()
        self.model = onnx.load(file)
        self.settings, self.weights = {}, torch.nn.ParameterDict()
        self.nodes = []
        for node in self.model.graph.node:
            if node.op_type == 'Constant':
                value = numpy_helper.to_array(node.attribute[0].t)
                name = node.output[0]
                if value.dtype == np.float32 and value.size >= LEAST_WEIGHTS:
                    self.weights[key(name)] = torch.nn.Parameter(torch.from_numpy(value.copy()))
                else:
                    self.settings[name] = torch.from_numpy(np.array(value))
            else:
                self.nodes.append((node, attributes(node)))
        for node, _ in self.nodes:
            if node.op_type == 'BatchNormalization':  # its statistics stay as they are
                for name in node.input[3:5]:
                    self.weights[key(name)].requires_grad_(False)
        self.parts = None
        self.frozen = None  # output of the last node that is not trained
        self.nodes = with_hard_swish(self.nodes, self.settings)
        self.uses = collections.Counter(name for node, _ in self.nodes for name in node.input)
        self.input = self.model.graph.input[0].name
        self.head = self.nodes[-3][0].input[1], self.nodes[-2][0].input[1]  # MatMul, Add, Softmax

    def replace_head(self, kept):
        """Gives the network a class for each of kept: the old class it goes on from, or None."""
        w, b = (self.weights[key(n)].data for n in self.head)
        width, classes = w.shape[0], len(kept)
        new_w = torch.randn(width, classes) * w.std()
        new_b = torch.full((classes,), float(b.mean()))
        for i, old in enumerate(kept):
            if old is not None:
                new_w[:, i], new_b[i] = w[:, old], b[old]
        self.weights[key(self.head[0])] = torch.nn.Parameter(new_w)
        self.weights[key(self.head[1])] = torch.nn.Parameter(new_b)

    def imprint(self, kept, prints):
        """Like replace_head; a class that goes on from none starts with what the network sees where it is printed.

        prints yields (class, pictures with it in the middle), and some of kept classes too, which say how large weights are. From Qi et al.,
        "Low-Shot Learning with Imprinted Weights", CVPR 2018.
        """
        features = {}
        with torch.no_grad():
            for c, lines in prints:
                seen = self(lines, features=True)
                third = seen.shape[1] // 3
                blank = seen @ self.weights[key(self.head[0])][:, :1]
                at = third + blank[:, third:-third, 0].argmin(1)
                features[c] = seen[torch.arange(len(seen)), at].mean(0)
        self.replace_head(kept)
        w, b = (self.weights[key(n)].data for n in self.head)
        middle = torch.stack(list(features.values())).mean(0)
        size = torch.tensor([(w[:, c] @ (f - middle)) / ((f - middle) ** 2).sum() for c, f in features.items() if kept[c] is not None]).median()
        for c, f in features.items():
            if kept[c] is None:
                w[:, c] = size * (f - middle)
                b[c] = b.mean() - w[:, c] @ middle

    def share(self, parts):
        """Makes what the head has for a class the sum of its own and of what its parts have: parts is classes x parts, of 0 and 1.

        What is learnt of a part is so learnt for all classes that have it.
        """
        self.parts = parts
        width = self.weights[key(self.head[0])].shape[0]
        self.shared = torch.nn.Parameter(torch.zeros(parts.shape[1], width))

    def fold(self):
        """Gives each class what its parts have, and the parts nothing."""
        self.weights[key(self.head[0])].data += (self.parts @ self.shared.data).T
        self.shared.data.zero_()

    def head_keys(self):
        return [key(n) for n in self.head]

    def freeze_depthwise(self):
        """Keeps the weights of convolutions that look at each channel alone as they are."""
        for node, attrs in self.nodes:
            if node.op_type == 'Conv' and attrs['group'] > 1:
                self.weights[key(node.input[1])].requires_grad_(False)

    def forward(self, lines, features=False):
        """lines: N x 3 x height x width. Returns logits, N x steps x classes, or the features that they are made of."""
        values = dict(self.settings)
        values.update({name: self.weights[key(name)] for node, _ in self.nodes for name in node.input if key(name) in self.weights})
        values[self.input] = lines
        if self.parts is not None:
            values[self.head[0]] = values[self.head[0]] + (self.parts @ self.shared).T
        made, frozen = set(), self.frozen is not None
        for node, attrs in self.nodes[:-3] if features else self.nodes[:-1]:
            with torch.set_grad_enabled(self.training and not frozen):
                x = [values[n] for n in node.input]
                if made & set(node.input) and (out := in_place(node.op_type, x)) is not None:
                    made.add(node.output[0])
                else:
                    out = run(node, attrs, x)
                    # What comes straight out of these nobody else needs.
                    if node.op_type in ('Conv', 'HardSwish') and self.uses[node.output[0]] == 1:
                        made.add(node.output[0])
            values[node.output[0]] = out
            frozen = frozen and node.output[0] != self.frozen
        return values[self.nodes[-3 if features else -1][0].input[0]]

    def save(self, file):
        """Writes the network, folded, with its weights as numbers of 16 bits, which ONNX Runtime widens when it loads them.

        It is not trained folded: the steps of training fit weights as they were made.
        """
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        for node in model.graph.node:
            if node.op_type == 'Constant' and key(node.output[0]) in self.weights:
                value = self.weights[key(node.output[0])].detach().numpy()
                node.attribute[0].t.CopyFrom(numpy_helper.from_array(value, node.output[0]))
        model = folded(model)
        nodes = []
        for node in model.graph.node:
            value = numpy_helper.to_array(node.attribute[0].t) if node.op_type == 'Constant' else None
            if value is not None and value.dtype == np.float32 and value.size >= LEAST_WEIGHTS:
                name = node.output[0]
                tensor = numpy_helper.from_array(value.astype(np.float16), name + '.half')
                nodes.append(helper.make_node('Constant', [], [name + '.half'], value=tensor))
                nodes.append(helper.make_node('Cast', [name + '.half'], [name], to=onnx.TensorProto.FLOAT))
            else:
                nodes.append(node)
        del model.graph.node[:]
        model.graph.node.extend(nodes)
        model.graph.output[0].type.tensor_type.shape.dim[-1].dim_value = self.weights[key(self.head[1])].shape[0]
        onnx.checker.check_model(model)
        onnx.save(model, file)


def in_place(op, x):
    """Scales or shifts by a single number where it lies, which saves a third of the time, or returns None."""
    if op not in ('Add', 'Mul') or len(x) != 2:
        return None
    big, small = sorted(x, key=torch.numel, reverse=True)
    if small.numel() != 1:
        return None
    return big.add_(small) if op == 'Add' else big.mul_(small)


def with_hard_swish(nodes, settings):
    """nodes with x * clip(x + 3, 0, 6) / 6, which is four of them, made one."""
    made_by = {node.output[0]: node for node, _ in nodes}
    gone, swishes = set(), {}
    for node, _ in nodes:
        if node.op_type != 'Div' or node.input[1] not in settings:
            continue
        mul = made_by.get(node.input[0])
        clip = mul is not None and mul.op_type == 'Mul' and made_by.get(mul.input[1])
        add = clip and clip.op_type == 'Clip' and made_by.get(clip.input[0])
        if add and add.op_type == 'Add' and add.input[0] == mul.input[0]:
            gone.update((mul.output[0], clip.output[0], add.output[0]))
            swishes[node.output[0]] = helper.make_node('HardSwish', [mul.input[0]], [node.output[0]])
    return [(swishes.get(n.output[0], n), a) for n, a in nodes if n.output[0] not in gone]


def key(name):
    """Names of parameters cannot have dots."""
    return name.replace('.', '/')


def attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def ints(t):
    return [int(v) for v in t]


def padded(x, pads, value=0.):
    top, left, bottom, right = pads
    if top == bottom and left == right:
        return x, (top, left)
    return F.pad(x, (left, right, top, bottom), value=value), (0, 0)


def run(node, a, x):
    """The outputs of a node for the inputs x."""
    op = node.op_type
    if op == 'Conv':
        data, pad = padded(x[0], a['pads'])
        return F.conv2d(data, x[1], x[2] if len(x) > 2 else None, a['strides'], pad, a['dilations'], a['group'])
    if op == 'BatchNormalization':
        scale = x[1] / torch.sqrt(x[4] + a.get('epsilon', 1e-5))
        return x[0] * scale[:, None, None] + (x[2] - x[3] * scale)[:, None, None]
    if op == 'Clip':
        return x[0].clamp(a.get('min', x[1] if len(x) > 1 else None), a.get('max', x[2] if len(x) > 2 else None))
    if op == 'AveragePool':
        data, pad = padded(x[0], a.get('pads', [0] * 4))
        return F.avg_pool2d(data, a['kernel_shape'], a['strides'], pad, count_include_pad=bool(a.get('count_include_pad', 0)))
    if op == 'GlobalAveragePool':
        return x[0].mean((2, 3), keepdim=True)
    if op == 'ReduceMean':
        return x[0].mean(tuple(a['axes']), keepdim=bool(a.get('keepdims', 1)))
    if op == 'HardSigmoid':
        return (x[0] * a.get('alpha', .2) + a.get('beta', .5)).clamp(0, 1)
    if op == 'Slice':
        axes = a.get('axes') or ints(x[3])
        starts, ends = a.get('starts') or ints(x[1]), a.get('ends') or ints(x[2])
        index = [slice(None)] * x[0].dim()
        for axis, start, end in zip(axes, starts, ends):
            index[axis] = slice(start, end)
        return x[0][tuple(index)]
    if op == 'Squeeze':
        out = x[0]
        for axis in sorted(a['axes'], reverse=True):
            out = out.squeeze(axis)
        return out
    if op == 'Reshape':
        shape = ints(x[1])
        return x[0].reshape([x[0].shape[i] if n == 0 else n for i, n in enumerate(shape)])
    return SIMPLE[op](a, *x)


TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool}
SIMPLE = {
    'Add': lambda a, x, y: x + y,
    'Sub': lambda a, x, y: x - y,
    'Mul': lambda a, x, y: x * y,
    'Div': lambda a, x, y: x / y,
    'Pow': lambda a, x, y: x ** y,
    'Sqrt': lambda a, x: x.sqrt(),
    'HardSwish': lambda a, x: F.hardswish(x),
    'Relu': lambda a, x: x.relu(),
    'Sigmoid': lambda a, x: x.sigmoid(),
    'MatMul': lambda a, x, y: x @ y,
    'Softmax': lambda a, x: x.softmax(a.get('axis', -1)),
    'Transpose': lambda a, x: x.permute(a['perm']),
    'Concat': lambda a, *x: torch.cat([v.reshape(-1) if v.dim() == 0 else v for v in x], a['axis']),
    'Cast': lambda a, x: x.to(TYPES[a['to']]),
    'Shape': lambda a, x: torch.tensor(x.shape),
}
