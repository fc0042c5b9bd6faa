"""Makes the graph of a recogniser quicker to run, without a change to what it computes.

PaddleOCR's networks come out of training with a number to multiply by and one
to add before and after each activation, and with the activation in four steps:
of the time that ONNX Runtime takes, a fifth. Convolutions can do most of that.
"""

import numpy as np
import onnx
from onnx import helper, numpy_helper


def folded(model):
    """model with its constants in place and as numbers of 32 bits, and with all that convolutions can do done by them."""
    g = Graph(model)
    g.fold_after_convolutions()
    g.hard_swishes()
    g.fold_before_convolutions()
    return g.model()


class Graph:
    """The nodes of a model and its constants, by name."""

    def __init__(self, model):
        self.source, self.constants, self.nodes = model, {}, []
        for node in model.graph.node:
            if node.op_type == 'Constant':
                self.constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
            elif node.op_type == 'Cast' and self.is_constant(node.input[0], np.float16):
                self.constants[node.output[0]] = self.constants[node.input[0]].astype(np.float32)
            else:
                self.nodes.append(node)

    def model(self):
        """A model with what is left."""
        used = {name for node in self.nodes for name in node.input}
        constants = [helper.make_node('Constant', [], [name], value=numpy_helper.from_array(value, name)) for name, value in self.constants.items() if name in used]
        model = onnx.ModelProto()
        model.CopyFrom(self.source)
        del model.graph.node[:]
        del model.graph.value_info[:]
        model.graph.node.extend(constants + self.nodes)
        onnx.checker.check_model(model)
        return model

    def is_constant(self, name, kind=np.float32):
        return name in self.constants and self.constants[name].dtype == kind

    def number(self, node, x):
        """The single number that node takes beside x, or None."""
        others = [i for i in node.input if i != x]
        if len(others) != 1 or not self.is_constant(others[0]) or self.constants[others[0]].size != 1:
            return None
        return float(self.constants[others[0]].reshape(-1)[0])

    def users(self, name):
        return [n for n in self.nodes if name in n.input]

    def remove(self, node, instead):
        """Takes node away: who used its output, uses instead."""
        self.nodes.remove(node)
        for user in self.users(node.output[0]):
            for i, name in enumerate(user.input):
                if name == node.output[0]:
                    user.input[i] = instead

    def adjust(self, conv, scale=1., shift=0., before=1., offset=0.):
        """Makes conv answer scale * conv(before * x + offset) + shift; scale and shift may be by channel."""
        weights = self.constants[conv.input[1]]
        bias = self.constants[conv.input[2]] if len(conv.input) > 2 else np.zeros(len(weights), np.float32)
        bias = (bias + offset * weights.sum((1, 2, 3))) * scale + shift
        weights = weights * before * np.reshape(scale, (-1, 1, 1, 1))
        names = [conv.output[0] + '.weights', conv.output[0] + '.bias']
        self.constants[names[0]], self.constants[names[1]] = weights.astype(np.float32), np.asarray(bias, np.float32)
        del conv.input[1:]
        conv.input.extend(names)

    def fold_after_convolutions(self):
        """Gives convolutions the normalization, and the numbers to multiply by and to add, that come after them."""
        for conv in [n for n in self.nodes if n.op_type == 'Conv']:
            while len(users := self.users(conv.output[0])) == 1:
                user = users[0]
                number = self.number(user, conv.output[0])
                if user.op_type == 'BatchNormalization':
                    scale, shift, mean, variance = (self.constants[i] for i in user.input[1:5])
                    scale = scale / np.sqrt(variance + attribute(user, 'epsilon', 1e-5))
                    self.adjust(conv, scale, shift - mean * scale)
                elif user.op_type == 'Mul' and number is not None:
                    self.adjust(conv, scale=number)
                elif user.op_type == 'Add' and number is not None:
                    self.adjust(conv, shift=number)
                else:
                    break
                self.remove(user, conv.output[0])

    def hard_swishes(self):
        """Makes x * clip(x + 3, 0, 6) / 6 of two nodes instead of four."""
        makers = {n.output[0]: n for n in self.nodes}
        for div in [n for n in self.nodes if n.op_type == 'Div' and self.is_constant(n.input[1])]:
            mul = makers.get(div.input[0])
            clip = mul and mul.op_type == 'Mul' and makers.get(mul.input[1])
            add = clip and clip.op_type == 'Clip' and makers.get(clip.input[0])
            if not add or add.op_type != 'Add' or add.input[0] != mul.input[0]:
                continue
            share = helper.make_node('HardSigmoid', [mul.input[0]], [clip.output[0]], alpha=1 / 6, beta=.5)
            self.nodes[self.nodes.index(clip)] = share
            self.nodes.remove(add)
            self.remove(div, mul.output[0])

    def fold_before_convolutions(self):
        """Gives convolutions the number to multiply by, and where they see nothing of the white around a picture the one to add, that come before them."""
        for mul in [n for n in self.nodes if n.op_type == 'Mul']:
            constant = next((i for i in mul.input if self.is_constant(i) and self.constants[i].size == 1), None)
            users = self.users(mul.output[0])
            if constant is None or len(users) != 1 or users[0].op_type != 'Add':
                continue
            add, x = users[0], next(i for i in mul.input if i != constant)
            scale, shift = self.number(mul, x), self.number(add, mul.output[0])
            convs = self.users(add.output[0])
            if shift is None or any(c.op_type != 'Conv' for c in convs):
                continue
            self.remove(mul, x)
            if any(any(attribute(c, 'pads', ())) for c in convs):
                self.constants[add.output[0] + '.shift'] = np.array([shift / scale], np.float32)
                del add.input[:]
                add.input.extend([x, add.output[0] + '.shift'])
                shift = 0
            else:
                self.remove(add, x)
            for conv in convs:
                self.adjust(conv, before=scale, offset=shift)


def attribute(node, name, default):
    return next((helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)
